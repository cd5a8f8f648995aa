(() => {
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = new Map(data.endpoints.map((endpoint) => [endpoint.id, endpoint]));
const list = document.getElementById("list");
const detail = document.getElementById("detail");
const PAGE = 200;

// Everything from the data goes onto the page through here: as text.
function make(name, options, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(options || {})) {
    if (key === "class") element.className = value;
    else if (key === "press") element.addEventListener("click", value);
    else if (value !== undefined && value !== null) element.setAttribute(key, value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}
function draw(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
const number = (value) => Number(value).toLocaleString("en");
const bytes = (value) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${unit ? value.toFixed(1) : value} ${units[unit]}`;
};
const micros = (value) => value < 1000 ? `${value} µs` : value < 1e6 ? `${(value / 1000).toFixed(1)} ms` : `${(value / 1e6).toFixed(2)} s`;
const sum = (object) => Object.values(object || {}).reduce((a, b) => a + b, 0);
const keys = (object) => Object.keys(object || {});
const time = (text) => text.replace("T", " ").replace("Z", "");
const tags = (names) => names.map((name) => make("span", { class: "tag" }, name));
const risk = (found) => make("span", { class: `risk ${found.level}` }, `${found.score} ${found.level}`);
const outgoing = (endpoint) => keys(endpoint.classes).filter((name) => endpoint.classes[name].calls_out > 0);
const incoming = (endpoint) => keys(endpoint.classes).filter((name) => endpoint.classes[name].calls_in > 0);
const link = (text, target, label) => make("button", { class: "link", type: "button", "aria-label": label, press: () => { location.hash = target; } }, text);

function statusMix(endpoint) {
  const classes = {};
  for (const [status, count] of Object.entries(endpoint.statuses)) {
    const name = ["401", "403", "404", "429"].includes(status) ? status : `${status[0]}xx`;
    classes[name] = (classes[name] || 0) + count;
  }
  if (endpoint.unanswered) classes.none = endpoint.unanswered;
  const all = sum(classes) || 1;
  return Object.entries(classes).sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${Math.round(100 * count / all)}%`).join(", ");
}

// A table with headings that sort. Columns: [heading, cell of a row, key to sort by, class].
function table(columns, rows, state, label) {
  const body = make("tbody");
  const more = make("p", { class: "more" });
  let shown = 0;
  function grow(to) {
    for (; shown < Math.min(to, rows.length); shown += 1) {
      const row = rows[shown];
      body.append(make("tr", {}, columns.map(([heading, cell, , style]) => make("td", { class: style, "data-label": heading }, make("div", {}, cell(row))))));
    }
    more.replaceChildren(...(shown < rows.length
      ? [make("button", { type: "button", press: () => grow(shown + PAGE) }, `Show more (${number(rows.length - shown)} left)`)] : []));
  }
  const head = make("thead", {}, make("tr", {}, columns.map(([heading, , sort, style], index) => {
    if (!sort || !state) return make("th", { scope: "col", class: style }, heading);
    const mine = state.column === index;
    return make("th", { scope: "col", class: style, "aria-sort": mine ? (state.down ? "descending" : "ascending") : "none" },
      make("button", { type: "button", press: () => {
        state.down = mine ? !state.down : typeof sort(rows[0] || data.endpoints[0]) === "number";
        state.column = index;
        show();
        list.querySelectorAll("th button")[columns.slice(0, index).filter((c) => c[2]).length].focus();
      } }, heading));
  })));
  if (state && columns[state.column]) {
    const by = columns[state.column][2];
    rows = [...rows].sort((a, b) => {
      const [x, y] = [by(a), by(b)];
      const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
      return state.down ? -order : order;
    });
  }
  grow(PAGE);
  return [make("table", { class: "stack", "aria-label": label }, head, body), more];
}

// View: endpoints.
const filters = { text: "", host: "", method: "", level: "", data: "", standing: "", auth: "" };
const order = { column: 0, down: true };
const distinct = (of) => [...new Set(data.endpoints.flatMap(of))].sort();

function choice(label, name, values) {
  const select = make("select", { press: null }, make("option", { value: "" }, "all"), values.map((value) => make("option", { value }, value)));
  select.value = filters[name];
  select.addEventListener("change", () => { filters[name] = select.value; rows(); });
  return make("label", {}, label, select);
}
function matches(endpoint) {
  const text = filters.text.toLowerCase();
  const words = [endpoint.host, endpoint.method, endpoint.path, ...keys(endpoint.classes), ...keys(endpoint.signals), ...keys(endpoint.operations)].join(" ").toLowerCase();
  return (!text || text.split(/\s+/).every((word) => words.includes(word)))
    && (!filters.host || endpoint.host === filters.host)
    && (!filters.method || endpoint.method === filters.method)
    && (!filters.level || endpoint.risk.level === filters.level)
    && (!filters.data || filters.data in endpoint.classes)
    && (!filters.standing || endpoint.standing === filters.standing)
    && (!filters.auth || filters.auth in endpoint.auth.schemes.counts);
}
const columns = [
  ["Risk", (e) => risk(e.risk), (e) => e.risk.score],
  ["Method", (e) => make("span", { class: "method" }, e.method), (e) => e.method],
  ["Endpoint", (e) => [link(`${e.host}${e.path}`, `e${e.id}`, `${e.method} ${e.host}${e.path}, details`), e.standing && e.standing !== "documented" ? make("span", { class: "tag" }, e.standing) : ""], (e) => `${e.host}${e.path}`, "path"],
  ["Calls", (e) => number(e.calls), (e) => e.calls, "number"],
  ["Status", statusMix, (e) => sum(Object.fromEntries(Object.entries(e.statuses).filter(([s]) => s >= "400"))) / (e.calls || 1), "mix"],
  ["Auth", (e) => tags(keys(e.auth.schemes.counts)), (e) => keys(e.auth.schemes.counts).join()],
  ["Data out", (e) => tags(outgoing(e)), (e) => outgoing(e).length],
  ["Signals", (e) => tags(keys(e.signals)), (e) => keys(e.signals).length],
  ["p50", (e) => e.latency.count ? micros(e.latency.p50_us) : "", (e) => e.latency.p50_us, "number"],
  ["p99", (e) => e.latency.count ? micros(e.latency.p99_us) : "", (e) => e.latency.p99_us, "number"],
  ["Last seen", (e) => time(e.last_seen).slice(0, 19), (e) => e.last_seen, "when"],
];
function rows() {
  const found = data.endpoints.filter(matches);
  const place = document.getElementById("rows");
  place.replaceChildren(make("p", { class: "soft" }, `${number(found.length)} of ${number(data.endpoints.length)} endpoints`), ...table(columns, found, order, "Endpoints"));
}
function endpoints() {
  const search = make("input", { type: "search", id: "search", placeholder: "path, host, class, signal …", value: filters.text });
  search.addEventListener("input", () => { filters.text = search.value; rows(); });
  const bar = make("div", { class: "filters", role: "search" },
    make("label", {}, "Search (press /)", search),
    choice("Host", "host", data.hosts.map((h) => h.host).sort()),
    choice("Method", "method", distinct((e) => [e.method])),
    choice("Risk", "level", ["critical", "high", "medium", "low"]),
    choice("Data class", "data", distinct((e) => keys(e.classes))),
    choice("Authentication", "auth", distinct((e) => keys(e.auth.schemes.counts))),
    data.specification ? choice("Specification", "standing", ["documented", "shadow", "zombie", "probe"]) : null);
  list.replaceChildren(bar, make("div", { id: "rows" }));
  rows();
}

// View: hosts.
const hostOrder = { column: 2, down: true };
function hosts() {
  list.replaceChildren(...table([
    ["Host", (h) => make("button", { class: "link", type: "button", press: () => { filters.host = h.host; location.hash = "endpoints"; } }, h.host || "(none)"), (h) => h.host, "path"],
    ["Endpoints", (h) => number(h.endpoints), (h) => h.endpoints, "number"],
    ["Calls", (h) => number(h.calls), (h) => h.calls, "number"],
    ["Highest risk", (h) => h.risk, (h) => h.risk, "number"],
    ["First seen", (h) => time(h.first_seen), (h) => h.first_seen],
    ["Last seen", (h) => time(h.last_seen), (h) => h.last_seen],
  ], data.hosts, hostOrder, "Hosts"));
}

// View: unread.
const unreadOrder = { column: 2, down: true };
const unreadBytes = (b) => b.client_bytes + b.server_bytes;
function unread() {
  list.replaceChildren(make("p", { class: "soft" }, "Servers whose connections were encrypted: no call to them was seen. Mirror them behind TLS termination."), ...table([
    ["Server", (b) => b.host || "(none)", (b) => b.host, "path"],
    ["Sessions", (b) => number(b.sessions), (b) => b.sessions, "number"],
    ["Bytes", (b) => bytes(unreadBytes(b)), unreadBytes, "number"],
    ["Versions", (b) => tally(b.versions), (b) => keys(b.versions).join(" ")],
    ["Protocols", (b) => tally(b.alpn.counts, b.alpn.other), (b) => keys(b.alpn.counts).join(" ")],
    ["Clients", (b) => tally(b.clients.counts, b.clients.other), (b) => keys(b.clients.counts).length],
    ["mTLS", (b) => b.client_certificates ? number(b.client_certificates) : "", (b) => b.client_certificates, "number"],
    ["Certificate ends", (b) => b.certificate_not_after.slice(0, 10), (b) => b.certificate_not_after],
    ["Last seen", (b) => time(b.last_seen), (b) => b.last_seen],
  ], data.blind_spots, unreadOrder, "Unread"));
}

// View: entities.
const entityOrder = { column: 2, down: true };
function entities() {
  list.replaceChildren(make("p", { class: "soft" }, "Who and what took part, by token; the busiest 500. Open one to see its latest calls."), ...table([
    ["Token", (a) => link(a.token, `t=${encodeURIComponent(a.token)}`, `${a.kind} ${a.token}, timeline`), (a) => a.token, "path"],
    ["Kind", (a) => a.kind.toLowerCase(), (a) => a.kind],
    ["Calls", (a) => number(a.calls), (a) => a.calls, "number"],
    ["Endpoints", (a) => new Set(a.moments.map((m) => m[1])).size, (a) => new Set(a.moments.map((m) => m[1])).size, "number"],
    ["Errors", (a) => a.moments.filter((m) => m[2] >= 400).length, (a) => a.moments.filter((m) => m[2] >= 400).length, "number"],
    ["First seen", (a) => time(a.first_seen), (a) => a.first_seen],
    ["Last seen", (a) => time(a.last_seen), (a) => a.last_seen],
  ], data.entities, entityOrder, "Entities"));
}

// View: specification.
function specification() {
  const spec = data.specification;
  const group = (title, rows, text) => make("div", { class: "card wide" }, make("h3", {}, `${title}: ${number(rows.length)}`), make("p", { class: "soft" }, text),
    rows.length ? table([
      ["Method", (r) => make("span", { class: "method" }, r.method)], ["Path", (r) => `${r.host}${r.path}`, null, "path"],
      ["Calls", (r) => number(r.calls), null, "number"], ["Why", (r) => r.why || ""]], rows, null, title) : null);
  list.replaceChildren(make("h2", {}, `${spec.title} ${spec.version}`),
    make("p", {}, `${number(spec.documented)} documented endpoints in use; ${number(spec.probes)} probes of paths that do not exist; ${number(spec.other_hosts)} endpoints of hosts it does not name`),
    make("div", { class: "cards" },
      group("Shadow", spec.shadow, "in use, not documented"),
      group("Zombie", spec.zombie, "in use, documented as deprecated or superseded"),
      group("Orphan", spec.orphan, "documented, never called"),
      make("div", { class: "card wide" }, make("h3", {}, `Drift: ${number(spec.drift.length)}`), table([
        ["Kind", (d) => d.kind], ["Operation", (d) => link(`${d.method} ${d.path}`, `e${d.endpoint}`), null, "path"],
        ["Place", (d) => d.place], ["Name", (d) => d.name, null, "path"], ["Documented", (d) => d.documented],
        ["Seen", (d) => d.observed], ["Messages", (d) => number(d.messages), null, "number"]], spec.drift, null, "Drift"))));
}

// Charts.
function bars(title, pairs, style, left = 90) {
  const [height, gap] = [18, 4];
  // Some six pixels a letter.
  const fit = (name) => name.length * 6 > left ? `${name.slice(0, Math.floor(left / 6) - 1)}…` : name;
  const most = Math.max(1, ...pairs.map((pair) => pair[1]));
  const svg = draw("svg", { viewBox: `0 0 360 ${Math.max(1, pairs.length) * (height + gap)}`, role: "img", "aria-label": `${title}: ${pairs.map((p) => `${p[0]} ${p[1]}`).join(", ")}` });
  pairs.forEach(([name, count], index) => {
    const y = index * (height + gap);
    const wide = (300 - left) * count / most;
    svg.append(draw("text", { x: left - 6, y: y + 13, "text-anchor": "end" }, fit(name)),
      draw("rect", { x: left, y, width: Math.max(1, wide), height, rx: 2, class: style(name) }),
      draw("text", { x: left + wide + 5, y: y + 13 }, number(count)));
  });
  return svg;
}
function timeline(moments) {
  const lanes = [...new Set(moments.map((moment) => moment[1]))];
  const [from, to] = [moments[0][0], moments[moments.length - 1][0]];
  const [left, right, lane] = [10, 790, 34];
  const high = lanes.length * lane + 30;
  const svg = draw("svg", { class: "timeline", viewBox: `0 0 800 ${high}`, role: "img", "aria-label": `${moments.length} calls on ${lanes.length} endpoints; the table below lists them` });
  lanes.forEach((id, index) => {
    const endpoint = byId.get(id);
    const y = index * lane + 24;
    svg.append(draw("line", { x1: left, x2: right, y1: y, y2: y, class: "lane" }),
      draw("text", { x: left, y: y - 9 }, endpoint ? `${endpoint.method} ${endpoint.path}` : `#${id}`));
  });
  for (const [at, id, status] of moments) {
    const x = left + 6 + (right - left - 12) * (to > from ? (at - from) / (to - from) : 0.5);
    svg.append(draw("circle", { cx: x.toFixed(1), cy: lanes.indexOf(id) * lane + 24, r: 4.5, class: `s${Math.floor(status / 100)}` }));
  }
  const label = (at) => new Date(at).toISOString().replace("T", " ").slice(0, 23);
  svg.append(draw("text", { x: left, y: high - 6 }, label(from)), draw("text", { x: right, y: high - 6, "text-anchor": "end" }, label(to)));
  return svg;
}

// View: overview.
const BARS = 12;
function overview() {
  const sums = (of) => {
    const all = {};
    for (const endpoint of data.endpoints) for (const [name, count] of of(endpoint)) all[name] = (all[name] || 0) + count;
    return Object.entries(all).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, BARS);
  };
  const each = (names) => names.map((name) => [name, 1]);
  const levels = Object.fromEntries(sums((e) => [[e.risk.level, 1]]));
  const charts = [
    ["Endpoints by risk", ["critical", "high", "medium", "low"].filter((level) => levels[level]).map((level) => [level, levels[level]]), (name) => `at-${name}`],
    ["Calls by status", sums((e) => Object.entries(e.statuses).map(([status, count]) => [`${status[0]}xx`, count]).concat(e.unanswered ? [["none", e.unanswered]] : [])), (name) => `s${/^\d/.test(name) ? name[0] : 0}`],
    ["Calls by authentication", sums((e) => Object.entries(e.auth.schemes.counts)), () => "bar"],
    ["Calls by caller's zone", sums((e) => Object.entries(e.zones)), () => "bar"],
    ["Endpoints that return data", sums((e) => each(outgoing(e))), () => "bar"],
    ["Endpoints that take data", sums((e) => each(incoming(e))), () => "bar"],
    ["Endpoints by signal", sums((e) => each(keys(e.signals))), () => "bar"],
    ["Calls by host", sums((e) => [[e.host || "(none)", e.calls]]), () => "bar"],
  ];
  list.replaceChildren(make("div", { class: "cards overview" }, charts.filter((chart) => chart[1].length).map(([title, pairs, style]) => card(title, bars(title, pairs, style, 150)))));
}

// Details.
const card = (title, ...content) => make("div", { class: "card" }, make("h3", {}, title), ...content);
const wideCard = (title, ...content) => make("div", { class: "card wide" }, make("h3", {}, title), ...content);
const facts = (pairs) => make("dl", {}, pairs.filter((pair) => pair[1] !== "" && pair[1] !== undefined).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
const tally = (counts, other) => Object.entries(counts || {}).sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} (${number(count)})`).concat(other ? [`others (${number(other)})`] : []).join(", ");

function shapes(title, bodies) {
  return bodies.map((body) => wideCard(`${title} ${body.status || ""} ${body.media_type || "without media type"} (${number(body.messages)} messages)`,
    body.fields.length ? table([["Field", (f) => f.path, null, "path"], ["Type", (f) => f.types.join(", ")], ["Data", (f) => tags(f.classes)],
      ["Required", (f) => f.required ? "yes" : ""], ["Messages", (f) => number(f.messages), null, "number"]], body.fields, null, title) : make("p", { class: "soft" }, "not read")));
}
function showEndpoint(endpoint) {
  const { auth, latency } = endpoint;
  const parts = endpoint.risk.parts.length ? table([["Points", (p) => p.points, null, "number"], ["Part", (p) => p.id], ["Reason", (p) => p.reason]], endpoint.risk.parts, null, "Parts of the risk score") : make("p", {}, "nothing found");
  const statuses = Object.entries(endpoint.statuses).concat(endpoint.unanswered ? [["none", endpoint.unanswered]] : []);
  const title = `${endpoint.method} ${endpoint.host}${endpoint.path}`;
  open(title, make("p", {}, "Risk ", risk(endpoint.risk), endpoint.standing ? ` · ${endpoint.standing}` : "", ` · ${number(endpoint.calls)} calls · ${time(endpoint.first_seen)} to ${time(endpoint.last_seen)}`),
    make("div", { class: "cards" },
      card("Risk", parts),
      card("Status", bars("Calls by status", statuses, (name) => `s${/^\d/.test(name) ? name[0] : 0}`)),
      card("Latency", latency.count ? [bars("Calls by latency", latency.histogram.map(([low, count]) => [`≥ ${micros(low)}`, count]), () => "bar"),
        make("p", {}, `p50 ${micros(latency.p50_us)}, p90 ${micros(latency.p90_us)}, p99 ${micros(latency.p99_us)}, longest ${micros(latency.max_us)}`)] : make("p", {}, "not measured")),
      card("Callers", facts([["Zones", tally(endpoint.zones)], ["Addresses", tally(endpoint.callers.counts, endpoint.callers.other)]])),
      card("Service", facts([["Servers", tally(endpoint.servers.counts, endpoint.servers.other)], ["Protocol", tally(endpoint.protocols)], ["Style", tally(endpoint.styles)], ["Link", tally(endpoint.schemes)],
        ["Version", endpoint.api_version], ["Operations", tally(endpoint.operations)], ["Bytes in", bytes(endpoint.bytes.request)], ["Bytes out", bytes(endpoint.bytes.response)], ["Largest", bytes(endpoint.bytes.response_max)]])),
      card("Authentication", facts([["Schemes", tally(auth.schemes.counts)], ["Where", tally(auth.places.counts)], ["JWT", tally(auth.algorithms.counts)], ["No credentials, success", number(auth.anonymous)],
        ["Rejected (401)", number(auth.rejected)], ["Forbidden (403)", number(auth.forbidden)], ["Expired, accepted", number(auth.expired_accepted)], ["In clear text", number(auth.cleartext)]])),
      keys(endpoint.classes).length ? card("Sensitive data", table([["Class", (n) => n], ["In", (n) => number(endpoint.classes[n].calls_in), null, "number"], ["Out", (n) => number(endpoint.classes[n].calls_out), null, "number"],
        ["Out, no credentials", (n) => number(endpoint.classes[n].calls_out_anonymous), null, "number"], ["Labels", (n) => tags(keys(endpoint.classes[n].labels.counts))]], keys(endpoint.classes), null, "Sensitive data")) : null,
      keys(endpoint.signals).length ? card("Signals", table([["Signal", (n) => n], ["Calls", (n) => number(endpoint.signals[n].calls), null, "number"], ["OWASP", (n) => tags(keys(endpoint.signals[n].owasp.counts))]], keys(endpoint.signals), null, "Signals")) : null,
      endpoint.parameters.length ? wideCard("Parameters", table([["In", (p) => p.in], ["Name", (p) => p.name, null, "path"], ["Type", (p) => p.types.join(", ")], ["Data", (p) => tags(p.classes)],
        ["Required", (p) => p.required ? "yes" : ""], ["Messages", (p) => number(p.messages), null, "number"]], endpoint.parameters, null, "Parameters")) : null,
      shapes("Request", endpoint.request_bodies), shapes("Response", endpoint.response_bodies)));
}
function showEntity(actor) {
  const named = (id) => byId.get(id);
  open(`${actor.kind.toLowerCase()} ${actor.token}`, make("p", {}, `${number(actor.calls)} calls, ${time(actor.first_seen)} to ${time(actor.last_seen)}; the latest ${actor.moments.length}:`),
    make("div", { class: "cards" }, wideCard("Timeline", timeline(actor.moments)), wideCard("Calls", table([
      ["Time", (m) => new Date(m[0]).toISOString().replace("T", " ").replace("Z", "")],
      ["Endpoint", (m) => named(m[1]) ? link(`${named(m[1]).method} ${named(m[1]).host}${named(m[1]).path}`, `e${m[1]}`) : `#${m[1]}`, null, "path"],
      ["Status", (m) => m[2] || "none", null, "number"], ["Latency", (m) => m[3] ? micros(m[3]) : "", null, "number"]], [...actor.moments].reverse(), null, "Calls"))));
}
function open(title, ...content) {
  detail.replaceChildren(make("p", {}, make("button", { type: "button", press: () => { location.hash = view; } }, "← Back (Esc)")), make("h2", {}, title), ...content);
  detail.setAttribute("aria-label", title);
  detail.hidden = false;
  list.hidden = true;
  detail.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

// Views and addresses: #overview, #e12, #t=tok_…
const views = { endpoints, overview, hosts, entities };
if (data.blind_spots.length) views.unread = unread;
if (data.specification) views.specification = specification;
let view = "endpoints";
function show() {
  views[view]();
  document.getElementById("tabs").replaceChildren(...Object.keys(views).map((name) => make("button", {
    type: "button", "aria-current": name === view ? "page" : null, press: () => { location.hash = name; },
  }, name[0].toUpperCase() + name.slice(1))));
}
let last = null;
function route() {
  const target = location.hash.slice(1);
  let token = null;
  try { token = target.startsWith("t=") ? decodeURIComponent(target.slice(2)) : null; } catch { token = null; }
  const actor = token === null ? null : data.entities.find((found) => found.token === token);
  const endpoint = /^e\d+$/.test(target) ? byId.get(Number(target.slice(1))) : null;
  if (endpoint) showEndpoint(endpoint);
  else if (actor && actor.moments.length) showEntity(actor);
  else {
    view = Object.hasOwn(views, target) ? target : "endpoints";
    const back = !detail.hidden;
    detail.hidden = true;
    list.hidden = false;
    show();
    const opened = back && last ? list.querySelector(`[aria-label="${CSS.escape(last)}"]`) : null;
    if (opened) opened.focus();
  }
}
list.addEventListener("click", (event) => { last = event.target.getAttribute("aria-label"); }, true);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !detail.hidden) location.hash = view;
  const search = document.getElementById("search");
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName);
  if (event.key === "/" && !typing && search && !list.hidden) { event.preventDefault(); search.focus(); }
});
window.addEventListener("hashchange", route);
const left = data.left_out;
document.getElementById("summary").textContent = [
  `${number(data.endpoints.length)} endpoints of ${number(data.hosts.length)} hosts, ${number(data.calls)} calls, ${time(data.first_seen)} to ${time(data.last_seen)}`,
  left.endpoint_calls ? `${number(left.endpoint_calls)} calls of further endpoints are left out` : "",
  left.unknown_calls ? `${number(left.unknown_calls)} calls without a request seen` : "",
  left.encrypted_sessions ? `${number(left.encrypted_sessions)} encrypted connections, of which no call was seen` : "",
  data.not_remembered ? `${number(data.not_remembered)} details had no place` : "",
].filter(Boolean).join(" · ");
show();
route();
})();
