// Checks the queries of docs/siem/sentinel.md with Microsoft's own parser: syntax, columns, types.
//
//     npm install @kusto/language-service-next && NODE_PATH=node_modules node tests/siem/kql.js docs/siem/sentinel.md
//
// Ends with 3 where the package is not installed.
"use strict";
const fs = require("fs");
const path = require("path");

let folder;
try {
  folder = path.dirname(require.resolve("@kusto/language-service-next/package.json"));
} catch {
  console.log("@kusto/language-service-next is not installed");
  process.exit(3);
}
// Scripts of a page: they share one scope.
for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  (0, eval)(fs.readFileSync(path.join(folder, script), "utf8"));
}
const K = globalThis.Kusto.Language;

const page = fs.readFileSync(process.argv[2], "utf8");
const blocks = (kind) => [...page.matchAll(new RegExp("```" + kind + "\n([^]*?)```", "g"))].map((found) => found[1]);
const rule = JSON.parse(blocks("json")[0]);
const columns = rule.streamDeclarations["Custom-Json-Apitap"].columns;
const sent = columns.map(({ name, type }) => `['${name}']: ${type}`).join(", ");
const [made, ...hunts] = blocks("kusto");
// Stands for the workspace.
const before = `let source = datatable(${sent})[];\nlet ApitapCalls_CL = ${rule.dataFlows[0].transformKql};\nlet ApitapCalls = ${made.trim()};\n`;

const queries = ["ApitapCalls", ...hunts.join("\n").split(/\n\s*\n/).filter((query) => query.trim())];
let wrong = 0;
for (const query of queries) {
  const whole = before + query;
  const found = K.KustoCode.ParseAndAnalyze(whole, K.GlobalState.Default).GetDiagnostics();
  for (let at = 0; at < found.Count; at++) {
    const { Message: message, Start: start } = found.getItem(at);
    console.log(`${query.trim().split("\n")[0].slice(0, 60)}: ${message}, at ${JSON.stringify(whole.slice(start, start + 40))}`);
    wrong++;
  }
}
console.log(`${queries.length} queries, ${wrong} problems`);
process.exit(wrong ? 1 : 0);
