// The look of the HTML report.

/** The style sheet of the page. */
export const STYLE = `
:root { --ink: #111827; --text: #374151; --faint: #6b7280; --line: #e5e7eb; --good: #0f766e; --bad: #dc2626; --paper: #f8fafc; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--text); font: 15px/1.55 Inter, "Segoe UI", Helvetica, Arial, sans-serif; }
header, main, footer { max-width: 1060px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 44px; }
.kicker { margin: 0; color: var(--faint); font-size: 13px; letter-spacing: .08em; text-transform: uppercase; }
h1 { margin: 6px 0 10px; color: var(--ink); font-size: 30px; line-height: 1.2; letter-spacing: -.01em; }
h1 code { font-size: .92em; }
.lead { margin: 0; max-width: 780px; font-size: 16px; }
.verdict { display: inline-block; margin: 16px 0 0; padding: 4px 12px; border-radius: 99px; font-weight: 600; font-size: 14px; }
.verdict.good { background: #ccfbf1; color: var(--good); }
.verdict.bad { background: #fee2e2; color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 26px 0; }
.tile { background: white; border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.tile b { display: block; color: var(--ink); font-size: 24px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { display: block; font-weight: 600; }
.tile small { color: var(--faint); font-size: 12.5px; }
section { background: white; border: 1px solid var(--line); border-radius: 10px; padding: 20px 24px; margin: 0 0 18px; }
h2 { margin: 0; color: var(--ink); font-size: 19px; }
section > p { margin: 4px 0 14px; color: var(--faint); max-width: 820px; }
figure { margin: 0; overflow-x: auto; }
figure svg { display: block; max-width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--faint); font-weight: 600; border-bottom: 1px solid var(--line); padding: 6px 10px 6px 0; }
td { border-bottom: 1px solid #f1f5f9; padding: 6px 10px 6px 0; vertical-align: top; }
td.n, th.n { text-align: right; padding-right: 22px; }
td:first-child { white-space: nowrap; }
.tag { display: inline-block; padding: 1px 8px; border-radius: 99px; background: #f1f5f9; font-size: 12.5px; font-weight: 600; white-space: nowrap; }
.tag.promote, .tag.promotion { background: #ccfbf1; color: var(--good); }
.tag.fallback, .tag.retrain, .tag.reject { background: #fee2e2; color: var(--bad); }
.tag.override, .tag.alert { background: #fef3c7; color: #92400e; }
.tag.rollback { background: #ede9fe; color: #5b21b6; }
.name { white-space: nowrap; }
.why { color: var(--faint); font-size: 12.5px; }
.claims { list-style: none; margin: 0; padding: 0; }
.claims li { display: grid; grid-template-columns: 24px 1fr 1fr; gap: 4px 12px; padding: 7px 0; border-bottom: 1px solid #f1f5f9; }
.claims li::before { content: "\\2713"; color: var(--good); font-weight: 700; }
.claims li.bad::before { content: "\\2717"; color: var(--bad); }
.claims li b { font-weight: 500; color: var(--ink); }
.claims li span { color: var(--faint); font-size: 13.5px; overflow-wrap: anywhere; }
.claims li.bad span { color: var(--bad); }
pre { margin: 0; padding: 12px 14px; background: #0f172a; color: #e2e8f0; border-radius: 8px; font-size: 12.5px; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { padding: 8px 24px 48px; color: var(--faint); font-size: 13px; }
@media (max-width: 800px) { .tiles { grid-template-columns: repeat(2, 1fr); } .claims li { grid-template-columns: 24px 1fr; } .claims li span { grid-column: 2; } }
`;
