import Mustache

/// The templates of the page, by name. What they are filled with is ``PageContent``.
enum PageTemplates {
    private static let sources: [(name: String, text: String)] = [
        ("page", page),
        ("performance", performance),
        ("segments", SectionTemplates.segments),
        ("activity", SectionTemplates.activity),
        ("tables", SectionTemplates.tables),
        ("methods", SectionTemplates.methods),
        ("figure", SectionTemplates.figure),
        ("table", SectionTemplates.table),
    ]

    static func library() throws(ReportError) -> MustacheLibrary {
        var library = MustacheLibrary()
        for source in sources {
            do {
                try library.register(source.text, named: source.name)
            } catch {
                throw .template(source.name, "\(error)")
            }
        }
        return library
    }

    private static let page = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{title}}</title>
        <style>
        {{{style}}}</style>
        </head>
        <body>
        <main>
        <header>
        <p class="eyebrow">HeraSDG · community report</p>
        <h1>{{headline}}</h1>
        {{#story}}<p class="lede">{{.}}</p>
        {{/story}}
        <dl class="tiles">
        {{#tiles}}<div class="tile"><dt>{{name}}</dt><dd><span class="figure">{{figure}}</span>\
        <span class="note">{{note}}</span></dd></div>
        {{/tiles}}
        </dl>
        {{#hasNotices}}<div class="notice" role="note">{{#notices}}<p>{{.}}</p>{{/notices}}</div>
        {{/hasNotices}}
        </header>
        {{>segments}}
        {{>activity}}
        {{>tables}}
        {{>methods}}
        <footer>Written by <code>hera analyze</code>. All numbers are in <code>report.json</code>, every user's segment
        and features in <code>segments.csv</code>, sums by user and partner in <code>aggregates.csv</code>, beside this
        page.</footer>
        </main>
        </body>
        </html>

        """
}

/// The page of a performance test.
extension PageTemplates {
    fileprivate static let performance = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>HeraSDG – performance test</title>
        <style>
        {{{style}}}</style>
        </head>
        <body>
        <main>
        <header>
        <p class="eyebrow">HeraSDG · performance test</p>
        <h1>{{headline}}</h1>
        {{#story}}<p class="lede">{{.}}</p>
        {{/story}}
        <dl class="tiles">
        {{#tiles}}<div class="tile"><dt>{{name}}</dt><dd><span class="figure">{{figure}}</span>\
        <span class="note">{{note}}</span></dd></div>
        {{/tiles}}
        </dl>
        {{#hasNotices}}<div class="notice" role="note">{{#notices}}<p>{{.}}</p>{{/notices}}</div>
        {{/hasNotices}}
        </header>
        <section aria-labelledby="charts-head">
        <h2 id="charts-head">What was measured</h2>
        <div class="grid" style="margin-top:18px">
        {{#figures}}{{>figure}}{{/figures}}
        </div>
        <div class="stack" style="margin-top:20px">
        {{#tables}}{{>table}}{{/tables}}
        </div>
        </section>
        <section aria-labelledby="methods-head">
        <h2 id="methods-head">How it was measured</h2>
        <div class="card" style="margin-top:18px">
        <dl class="methods" style="margin:0">
        {{#methods}}<dt>{{name}}</dt><dd>{{value}}</dd>
        {{/methods}}
        </dl>
        </div>
        </section>
        <footer>Written by <code>hera source perf</code>. The figures of every step are in <code>performance.csv</code>
        beside this page.</footer>
        </main>
        </body>
        </html>

        """
}

/// The templates of the page's sections.
enum SectionTemplates {
    static let segments = """
        <section aria-labelledby="segments-head">
        <h2 id="segments-head">Segments of customers</h2>
        <p class="soft">{{segmentsLead}}</p>
        <div class="cards wide-{{cardColumns}}">
        {{#cards}}<article class="card segment">
        <h3>{{{icon}}}<span>{{name}}</span></h3>
        <p class="size"><strong>{{users}}</strong> {{share}}</p>
        <div class="bar"><span class="{{style}}" style="width:{{width}}%"></span></div>
        <p class="words">{{words}}</p>
        <dl class="facts">
        {{#facts}}<dt>{{name}}</dt><dd>{{value}}</dd>
        {{/facts}}
        </dl>
        </article>
        {{/cards}}
        </div>
        {{#hasSegments}}
        <div class="grid">
        {{#segmentFigures}}{{>figure}}{{/segmentFigures}}
        </div>
        {{/hasSegments}}
        </section>

        """

    static let activity = """
        <section aria-labelledby="activity-head">
        <h2 id="activity-head">Activity and community</h2>
        <p class="soft">{{activityLead}}</p>
        <div class="grid">
        {{#activityFigures}}{{>figure}}{{/activityFigures}}
        {{#communityTables}}{{>table}}{{/communityTables}}
        </div>
        </section>

        """

    static let tables = """
        <section aria-labelledby="tables-head">
        <h2 id="tables-head">Rewards and prizes</h2>
        <p class="soft">{{tablesLead}}</p>
        <div class="stack">
        {{#tables}}{{>table}}{{/tables}}
        </div>
        </section>

        """

    static let methods = """
        <section aria-labelledby="methods-head">
        <h2 id="methods-head">How the numbers were made</h2>
        <div class="card">
        <dl class="methods" style="margin:0">
        {{#methods}}<dt>{{name}}</dt><dd>{{value}}</dd>
        {{/methods}}
        </dl>
        </div>
        <div class="stack" style="margin-top:20px">
        {{#methodTables}}{{>table}}{{/methodTables}}
        </div>
        </section>

        """

    static let figure = """
        <figure>
        <figcaption><h3>{{title}}</h3><p>{{takeaway}}</p></figcaption>
        {{{svg}}}
        {{#hasLegend}}<ul class="legend">{{#legend}}<li>{{{icon}}}{{name}}</li>{{/legend}}</ul>
        {{/hasLegend}}
        </figure>

        """

    static let table = """
        <div class="card"><div class="scroll" role="region" tabindex="0" aria-label="{{title}}">
        <table>
        <caption><span><strong>{{title}}</strong>{{caption}}</span></caption>
        <thead><tr>{{#columns}}<th scope="col"{{#isText}} class="text"{{/isText}}>{{name}}</th>{{/columns}}</tr></thead>
        <tbody>
        {{#rows}}<tr>{{#cells}}{{#isHead}}<th scope="row" class="text">{{{icon}}}{{text}}</th>{{/isHead}}\
        {{^isHead}}<td{{#isText}} class="text"{{/isText}}>{{text}}</td>{{/isHead}}{{/cells}}</tr>
        {{/rows}}
        </tbody>
        {{#hasFoot}}<tfoot><tr>{{#foot}}{{#isHead}}<th scope="row" class="text">{{text}}</th>{{/isHead}}\
        {{^isHead}}<td{{#isText}} class="text"{{/isText}}>{{text}}</td>{{/isHead}}{{/foot}}</tr></tfoot>
        {{/hasFoot}}
        </table>
        </div></div>

        """
}
