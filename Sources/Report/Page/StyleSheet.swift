/// How the page looks: on a screen wide or narrow, light or dark, and on paper. No fonts or pictures from elsewhere.
enum StyleSheet {
    static let text = colours + layout + components + charts + narrow + paper

    /// Every text has a contrast of at least 4.5 to 1 with what is behind it, every mark of 3 to 1.
    private static let colours = """
        :root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#16202c;--soft:#52606f;--line:#dde2e8;\
        --grid:#e6eaef;--accent:#0b63b0;--warn:#8a4b00;--warn-page:#fff6e6;\
        --s1:#0b63b0;--s2:#df6c00;--s3:#4a154b;--s4:#0f9d7a;--s5:#d6488f;--s6:#728292}
        @media screen and (prefers-color-scheme:dark){:root{--page:#0d1219;--card:#161b22;--ink:#e8edf3;\
        --soft:#a3b0bf;--line:#2c3642;--grid:#27303b;--accent:#6cb6ff;--warn:#ffc46b;--warn-page:#2a2112;\
        --s1:#6cb6ff;--s2:#ff9248;--s3:#e6d5ff;--s4:#2fbf8f;--s5:#e0559b;--s6:#93a1b1}}

        """

    private static let layout = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",\
        Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
        main{max-width:1120px;margin:0 auto;padding:40px 24px 32px}
        h1{font-size:clamp(1.6rem,1.1rem + 2vw,2.4rem);line-height:1.18;letter-spacing:-.02em;margin:.3rem 0 1rem;\
        max-width:24em;text-wrap:balance}
        h2{font-size:1.35rem;line-height:1.3;letter-spacing:-.01em;margin:56px 0 4px}
        h3{font-size:1.02rem;line-height:1.35;margin:0}
        p{margin:.5em 0;max-width:44em}
        a{color:var(--accent)}
        .eyebrow{margin:0;font-size:.82rem;font-weight:600;letter-spacing:.05em;text-transform:uppercase;\
        color:var(--accent)}
        .lede{font-size:1.08rem}
        .soft,figcaption p,caption,footer{color:var(--soft)}
        section>.soft{margin:0 0 18px}
        .grid{display:grid;gap:20px;grid-template-columns:repeat(2,minmax(0,1fr))}
        .tiles{display:grid;gap:12px;grid-template-columns:repeat(6,minmax(0,1fr));margin:28px 0 0;padding:0}
        .cards{display:grid;column-gap:20px;grid-template-columns:repeat(4,minmax(0,1fr))}
        .wide-1,.wide-2{grid-template-columns:repeat(2,minmax(0,1fr))}
        .wide-3{grid-template-columns:repeat(3,minmax(0,1fr))}
        footer{margin-top:48px;border-top:1px solid var(--line);padding-top:14px;font-size:.86rem}

        """

    private static let components = """
        .card,figure,.tile{background:var(--card);border:1px solid var(--line);border-radius:10px}
        .card,figure{padding:20px 22px;margin:0}
        .tile{padding:14px 16px}
        .tile dt{font-size:.84rem;color:var(--soft);line-height:1.3}
        .tile dd{margin:2px 0 0}
        .tile .figure{font-size:1.38rem;font-weight:650;line-height:1.25;letter-spacing:-.01em;display:block}
        .tile .note{font-size:.82rem;color:var(--soft);line-height:1.35;display:block}
        .segment{display:grid;grid-row:span 5;grid-template-rows:subgrid;margin-bottom:20px}
        .segment h3{display:flex;gap:10px;align-items:flex-start}
        .segment h3 .icon{width:20px;height:20px;flex:none;margin-top:2px}
        .segment .size{margin:8px 0 6px;font-size:.92rem;color:var(--soft)}
        .segment .size strong{color:var(--ink);font-size:1.25rem;font-weight:650;margin-right:2px}
        .bar{height:6px;align-self:start;border-radius:3px;background:var(--grid);overflow:hidden}
        .bar span{display:block;height:100%}
        .segment .words{font-size:.95rem;margin:12px 0 14px}
        .cards .card{padding:18px}
        dl.facts{margin:0;display:grid;grid-template-columns:minmax(0,1fr) auto;gap:3px 10px;font-size:.87rem;\
        border-top:1px solid var(--line);padding-top:12px}
        dl.facts dt{color:var(--soft)}
        dl.facts dd{margin:0;text-align:right;white-space:nowrap}
        .notice{border-left:4px solid var(--warn);background:var(--warn-page);border-radius:6px;padding:10px 16px;\
        margin:20px 0 0}
        .notice p{margin:.25em 0;max-width:none}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.9rem}
        caption{text-align:left;padding:0 0 10px;font-size:.92rem}
        caption span{display:block;position:sticky;left:0;max-width:min(100%,calc(100vw - 60px))}
        caption strong{display:block;color:var(--ink);font-size:1.02rem}
        th,td{padding:7px 0 7px 18px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
        th:first-child,td:first-child{padding-left:0}
        thead th{color:var(--soft);font-weight:600;vertical-align:bottom;white-space:normal}
        tbody th{font-weight:500}
        .text{text-align:left;white-space:normal}
        tfoot th,tfoot td{font-weight:650;border-bottom:0}
        td .icon,th .icon{width:14px;height:14px;vertical-align:-2px;margin-right:7px}
        .stack>*+*{margin-top:20px}
        .methods dt{font-weight:600;margin-top:12px}
        .methods dd{margin:2px 0 0;max-width:52em}
        code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em;overflow-wrap:anywhere}

        """

    private static let charts = """
        figcaption p{margin:2px 0 10px;font-size:.92rem}
        svg.chart{display:block;width:100%;height:auto;overflow:visible}
        .chart text{fill:var(--soft);font-size:13px;font-family:inherit}
        .chart .label,.chart .value{fill:var(--ink);font-size:13.5px}
        .chart .label{font-weight:600}
        .chart .mark{fill:var(--ink);font-size:14px;font-weight:650;paint-order:stroke;stroke:var(--card);\
        stroke-width:4px;stroke-linejoin:round}
        .chart .grid{display:inline;stroke:var(--grid);stroke-width:1}
        .chart .axis{stroke:var(--soft);stroke-width:1}
        .s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}.s4{fill:var(--s4)}.s5{fill:var(--s5)}\
        .s6{fill:var(--s6)}
        .bar .s1{background:var(--s1)}.bar .s2{background:var(--s2)}.bar .s3{background:var(--s3)}\
        .bar .s4{background:var(--s4)}.bar .s5{background:var(--s5)}.bar .s6{background:var(--s6)}
        .points{fill-opacity:.5;stroke:var(--card);stroke-width:.6}
        .badge{fill:var(--card);stroke:var(--ink);stroke-width:1.6}
        .chart .badge-text{fill:var(--ink);font-size:14px;font-weight:700}
        .curve{fill:none;stroke:var(--s1);stroke-width:2.5;stroke-linejoin:round}
        .dot{fill:var(--card);stroke:var(--s1);stroke-width:2.5}
        .chosen{fill:var(--s2);stroke:var(--card);stroke-width:2}
        .chosen-line{stroke:var(--s2);stroke-width:1.5;stroke-dasharray:4 4}
        .chord{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:3 5}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:12px 0 0;padding:0;font-size:.88rem}
        .legend li{display:flex;align-items:center;gap:7px}
        .legend .icon{width:14px;height:14px;flex:none}

        """

    /// Lines in the colours of their markers, where a chart has several.
    static let curves = """
        .line-s1{stroke:var(--s1)}.line-s2{stroke:var(--s2)}.line-s3{stroke:var(--s3)}.line-s4{stroke:var(--s4)}\
        .line-s5{stroke:var(--s5)}.line-s6{stroke:var(--s6)}

        """

    private static let narrow = """
        @media (max-width:1000px){.tiles{grid-template-columns:repeat(3,minmax(0,1fr))}\
        .cards{grid-template-columns:repeat(2,minmax(0,1fr))}}
        @media (max-width:860px){.grid{grid-template-columns:minmax(0,1fr)}}
        @media (max-width:560px){main{padding:24px 14px}.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}\
        .cards{grid-template-columns:minmax(0,1fr)}.card,.cards .card,figure{padding:16px 14px}tbody th{min-width:8.5em}h2{margin-top:44px}\
        .chart text,.chart .label,.chart .value{font-size:19px}.chart .mark,.chart .badge-text{font-size:19px}}

        """

    private static let paper = """
        @page{margin:13mm}
        @media print{:root{--page:#fff}body{font-size:9.5pt;line-height:1.45}main{max-width:none;padding:0}\
        h1{font-size:20pt}h2{margin-top:18pt;font-size:13pt}h2,h2+.soft,h3,figcaption,caption{break-after:avoid}\
        figure,.segment,.tile,tr,p,.methods dd,.grid .card,.stack .card{break-inside:avoid}.methods dt{break-after:avoid}\
        .tiles{gap:8px;margin-top:14px;grid-template-columns:repeat(6,minmax(0,1fr))}.tile{padding:8px 10px}\
        .tile .figure{font-size:11pt}.tile dt,.tile .note{font-size:7.5pt}\
        .grid{gap:10px}.cards{column-gap:10px}.segment{margin-bottom:10px}\
        .grid,.cards{grid-template-columns:repeat(2,minmax(0,1fr))}.stack>*+*{margin-top:10px}\
        .card,.cards .card,figure{padding:10px 12px}.scroll{overflow:visible}\
        .segment .words{margin:6px 0 8px;font-size:9pt}dl.facts{font-size:8.5pt;padding-top:6px}\
        .chart text,.chart .label,.chart .value{font-size:17px}.legend{font-size:8pt}\
        table{font-size:8pt}th,td{padding:3px 0 3px 10px}thead{display:table-header-group}\
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

        """
}
