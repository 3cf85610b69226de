import Mustache

/// The templates of the page, by name. What they are filled with is ``PageContent``.
enum PageTemplates {
    private static let sources: [(name: String, text: String)] = [
        ("page", page),
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
