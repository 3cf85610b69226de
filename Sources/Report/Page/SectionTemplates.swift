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
