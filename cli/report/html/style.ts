/** The style sheet of the page. It is part of the page, and its hash part of the content security policy. */
export const STYLE = `
:root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--open:#b3131f;--undetermined:#7a5200;--advice:#0b5cad;--waived:#59616a;--allowed:#17692f;--open-fill:#fff0ee;--undetermined-fill:#fff8e0;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--soft:#a3adb8;--line:#3a424c;--panel:#161b22;--open:#ff7b72;--undetermined:#e3b341;--advice:#79b8ff;--waived:#a3adb8;--allowed:#56d364;--open-fill:#32100f;--undetermined-fill:#2b2107;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
header,main,footer{max-width:70rem;margin:0 auto;padding:0 1rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,input:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--page);padding:.5rem}
h1{font-size:1.6rem;margin:1.2rem 0 .3rem;line-height:1.25;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h3{font-size:1rem;margin:1rem 0 .3rem}h4{font-size:1rem;font-weight:400;margin:.8rem 0 .3rem}
p{margin:.4rem 0}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
.verdict{display:inline-block;padding:.1rem .6rem;border-radius:.4rem;color:var(--page);margin-right:.5rem;text-transform:uppercase}
.verdict.fail{background:var(--open)}.verdict.undetermined{background:var(--undetermined);color:var(--page)}.verdict.pass{background:var(--allowed)}
.headlines{padding-left:1.2rem;font-size:1.1rem}.headlines li{margin:.3rem 0;overflow-wrap:anywhere}
.notice{border-left:4px solid var(--undetermined);padding:.3rem .8rem;background:var(--undetermined-fill);overflow-wrap:anywhere}
.tag{display:inline-block;border:1px solid;border-radius:1rem;padding:0 .6rem;font-size:.85rem;white-space:nowrap}
.open{color:var(--open)}.undetermined{color:var(--undetermined)}.advice{color:var(--advice)}.waived,.known{color:var(--waived)}.allowed{color:var(--allowed)}
.soft{color:var(--soft)}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0}
summary{cursor:pointer;padding:.5rem .8rem;overflow-wrap:anywhere}
summary .name{font-weight:600}
details>div{padding:0 .8rem .8rem;border-top:1px solid var(--line)}
details.finding.mark-open{border-left:5px solid var(--open)}
details.finding.mark-undetermined{border-left:5px dashed var(--undetermined)}
details.finding.mark-advice{border-left:5px solid var(--advice)}
details.finding.mark-waived,details.finding.mark-known{border-left:5px dotted var(--waived)}
ol.path{padding-left:0;list-style:none;margin:.6rem 0}
ol.path li{display:grid;grid-template-columns:9rem 1fr;gap:.6rem;padding:.25rem 0;border-bottom:1px dotted var(--line);overflow-wrap:anywhere}
ol.path .kind{color:var(--soft)}
ol.path .kind::before{content:"\\2193\\a0"/""}
ol.path li:first-child .kind::before{content:""}
dl{display:grid;grid-template-columns:9rem 1fr;gap:.3rem .6rem;margin:.6rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{color:var(--soft);font-weight:600}
.filter{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center;margin:.6rem 0}
.filter[hidden]{display:none}
.filter input[type=search]{font:inherit;padding:.35rem .6rem;border:1px solid var(--soft);border-radius:.4rem;background:var(--page);color:var(--text);min-width:16rem}
figure{margin:0}
figcaption{color:var(--soft);font-size:.9rem}
figcaption span{margin-right:1rem;white-space:nowrap}
svg{display:block;width:100%;height:auto}
svg.narrow{display:none;max-width:26rem}
svg text{font:13px system-ui,sans-serif;fill:var(--text)}
svg .zone{fill:var(--panel);stroke:var(--line)}
svg .zone-title{font-weight:600;fill:var(--soft)}
svg .bar{fill:var(--panel);stroke:var(--soft)}
svg .bar-title{font-weight:600}
svg .node rect{fill:var(--page);stroke:var(--allowed);stroke-width:1.5}
svg .node.group rect{stroke:var(--line);stroke-dasharray:4 3}
svg .node.open rect{stroke:var(--open);stroke-width:3;fill:var(--open-fill)}
svg .node.undetermined rect{stroke:var(--undetermined);stroke-width:2.5;stroke-dasharray:6 4;fill:var(--undetermined-fill)}
svg .node.advice rect{stroke:var(--advice)}
svg .node.waived rect,svg .node.known rect{stroke:var(--waived);stroke-dasharray:2 3}
svg a.node{cursor:pointer}
svg a.node:hover .name,svg a.node:focus-visible .name{text-decoration:underline}
svg a.node:focus-visible rect{stroke:var(--link);stroke-width:4}
svg a.node:focus-visible{outline:none}
svg .name{font-weight:600}
svg .fact{font-size:12px;fill:var(--soft)}
svg .state{font-size:12px;font-weight:600}
svg .open .state{fill:var(--open)}svg .undetermined .state{fill:var(--undetermined)}svg .advice .state{fill:var(--advice)}svg .waived .state,svg .known .state{fill:var(--waived)}
svg .link path{fill:none;stroke:var(--allowed);stroke-width:1.5}
svg .link text{font-size:12px;font-weight:600;paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round;fill:var(--allowed)}
svg .link.open path{stroke:var(--open);stroke-width:4}
svg .link.open text{fill:var(--open)}
svg .link.undetermined path{stroke:var(--undetermined);stroke-width:2.5;stroke-dasharray:7 5}
svg .link.undetermined text{fill:var(--undetermined)}
svg .link.advice path{stroke:var(--advice)}svg .link.advice text{fill:var(--advice)}
svg .link.waived path,svg .link.known path{stroke:var(--waived);stroke-dasharray:2 4}svg .link.waived text,svg .link.known text{fill:var(--waived)}
svg .arrow{fill:var(--allowed)}svg .arrow.open{fill:var(--open)}svg .arrow.undetermined{fill:var(--undetermined)}svg .arrow.advice{fill:var(--advice)}svg .arrow.waived,svg .arrow.known{fill:var(--waived)}
footer{color:var(--soft);font-size:.9rem;padding-top:1.5rem;padding-bottom:2rem}
@media(max-width:44rem){svg.wide{display:none}svg.narrow{display:block}ol.path li,dl{grid-template-columns:1fr;gap:0}h1{font-size:1.35rem}.filter input[type=search]{min-width:0;width:100%}}
@page{margin:14mm}
@media print{:root{--page:#fff;--text:#000;--soft:#444;--line:#bbb;--panel:#f6f6f6;--open:#b3131f;--undetermined:#7a5200;--advice:#0b5cad;--waived:#555;--allowed:#17692f;--open-fill:#fff0ee;--undetermined-fill:#fff8e0;--link:#000}
header,main,footer{max-width:none;padding:0}svg.wide{display:block}svg.narrow,.skip,.filter,.back{display:none}ol.path li{break-inside:avoid}h2,summary{break-after:avoid}body{font-size:11pt}*{print-color-adjust:exact}}
`;
