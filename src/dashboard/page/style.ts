// The look of the page: light and dark by the reader's own setting, and on paper. Invariant: nothing is loaded from anywhere.

/** The style sheet. Colours of states are those of Okabe and Ito, which colour-blind people tell apart; a sign in each cell says it too. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #111827; --text: #374151; --faint: #5b6472; --line: #e2e5ea; --paper: #f8fafc; --card: #ffffff; --link: #1d4ed8;
 --accepted: #0072b2; --quarantined: #56b4e9; --reopened: #009e73; --rejected: #d55e00; --missing: #b45309; --not-due: #e5e7eb; --on: #ffffff; --dark-on: #10243a; --plot: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --ink: #f3f4f6; --text: #d1d5db; --faint: #9ca3af; --line: #303845; --paper: #0f141b; --card: #171d26; --link: #8ab4f8;
 --accepted: #2b8fd0; --missing: #f0a030; --not-due: #2a323d; --plot: #56b4e9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--text); font: 15px/1.55 Inter, "Segoe UI", Helvetica, Arial, sans-serif; }
header, main, footer { max-width: 1160px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
footer { padding-top: 24px; padding-bottom: 48px; color: var(--faint); font-size: 13px; }
a { color: var(--link); } a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 8px; top: 8px; background: var(--card); padding: 6px 10px; }
.kicker { margin: 0; color: var(--faint); font-size: 13px; letter-spacing: .08em; text-transform: uppercase; }
h1 { margin: 6px 0 10px; color: var(--ink); font-size: 30px; line-height: 1.2; } h2 { margin: 44px 0 10px; color: var(--ink); font-size: 22px; }
h3 { margin: 26px 0 8px; color: var(--ink); font-size: 18px; } h4 { margin: 18px 0 6px; color: var(--ink); font-size: 15px; }
.lead { max-width: 780px; font-size: 17px; margin: 0 0 16px; } p { margin: 6px 0; max-width: 860px; } .none, .small { color: var(--faint); font-size: 13px; }
ul { margin: 6px 0; padding-left: 20px; } code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { margin: 8px 0; padding: 12px 14px; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; white-space: pre; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 4px 20px 18px; margin: 14px 0; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; }
dl { margin: 8px 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 8px 24px; }
dt { color: var(--faint); font-size: 12.5px; } dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; margin: 8px 0; font-size: 13.5px; min-width: 50%; }
caption { text-align: left; color: var(--faint); font-size: 12.5px; padding-bottom: 4px; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); } thead th { color: var(--faint); font-weight: 600; }
tbody th { color: var(--ink); font-weight: 600; } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } td.n, th.n { padding-left: 8px; }
details { margin: 8px 0; } summary { cursor: pointer; color: var(--link); }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 999px; padding: 0 8px; font-size: 12px; color: var(--faint); }
figure { margin: 10px 0; } figcaption { color: var(--faint); font-size: 12.5px; } .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 6px 24px; }
.plots svg { width: 100%; height: auto; } svg text { font: 11px Inter, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--faint); }
.coverage { display: flex; flex-wrap: wrap; gap: 8px 28px; align-items: flex-start; } .coverage > div { flex: 1 1 240px; } .coverage > .scroll { flex: 0 1 auto; } .coverage ul { font-size: 13.5px; }
.side { display: flex; flex-wrap: wrap; gap: 0 40px; } .side > div { flex: 1 1 320px; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; } .legend svg { vertical-align: -2px; margin-right: 5px; }
.c-accepted { fill: var(--accepted); } .c-quarantined { fill: var(--quarantined); } .c-reopened { fill: var(--reopened); } .c-rejected { fill: var(--rejected); } .c-not-due { fill: var(--not-due); }
.c-missing { fill: none; stroke: var(--missing); stroke-width: 2; } .on { fill: none; stroke: var(--on); stroke-width: 1.6; } .on-dark { fill: var(--dark-on); }
.plot-line { fill: none; stroke: var(--plot); stroke-width: 1.4; stroke-linejoin: round; } .plot-dot { fill: var(--plot); } .plot-axis { stroke: var(--line); fill: none; } .plot-bar { fill: var(--plot); }
.graph rect { fill: var(--card); stroke: var(--faint); } .graph text.name { fill: var(--ink); font-size: 12.5px; font-weight: 600; } .graph path { fill: none; stroke: var(--faint); opacity: .75; }
.graph marker path { fill: var(--faint); stroke: none; } .graph .table rect { stroke: var(--accepted); stroke-width: 1.8; } .graph .view rect { stroke: var(--reopened); stroke-width: 1.8; }
.graph .source rect { stroke-dasharray: 4 3; } .graph .label rect { stroke: var(--missing); stroke-width: 1.8; } .graph .snapshot rect, .graph .champion rect { stroke: var(--ink); stroke-width: 2; } .graph a:hover rect { fill: var(--not-due); }
@media print { :root { --paper: #fff; --card: #fff; } body { font-size: 11px; } header, main, footer { max-width: none; padding-left: 0; padding-right: 0; } nav, .skip { display: none; }
 article { border: none; padding: 0; } h2, h3, h4, figcaption, caption { break-after: avoid; } figure, tr, svg { break-inside: avoid; } .scroll { overflow: visible; } .scroll > svg { max-width: 100%; height: auto; }
 pre { white-space: pre-wrap; } svg, .legend { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
