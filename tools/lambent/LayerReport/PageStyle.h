//===- PageStyle.h - How the page looks and what clicks do ------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_PAGESTYLE_H
#define LAMBENT_TOOLS_LAYERREPORT_PAGESTYLE_H

namespace lambent::driver {

inline constexpr char pageStyle[] = R"(
*{box-sizing:border-box}
html,body{height:100%;margin:0}
body{display:flex;flex-direction:column;font:13px/1.4 system-ui,sans-serif;color:#1c1c1c;background:#fff}
header{padding:10px 16px 8px;border-bottom:1px solid #ccc}
h1{font-size:17px;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:14px;margin:0 0 6px;overflow-wrap:anywhere}
header p{margin:2px 0;color:#444;max-width:150ch}
main{flex:1;min-height:0;display:grid;grid-template-columns:minmax(260px,38%) 1fr}
#graph{position:relative;min-height:0;border-right:1px solid #ccc;background:#fbfbfb;display:flex;flex-direction:column}
#scroll{flex:1;overflow:auto;min-height:0}
#bar{display:flex;gap:6px;align-items:center;padding:4px 8px;border-bottom:1px solid #ddd;color:#555;font-size:12px}
#bar button{font:inherit;min-width:28px;padding:1px 6px;border:1px solid #bbb;border-radius:3px;background:#fff;cursor:pointer}
#scale{width:110px;height:10px;border:1px solid #bbb;margin:0 4px}
#right{display:flex;flex-direction:column;min-height:0;min-width:0}
#layers{flex:1;overflow:auto;min-height:0}
#detail{flex:none;max-height:42%;overflow:auto;border-top:1px solid #ccc;padding:8px 12px;background:#fafafa}
#detail:empty{display:none}
svg{display:block;margin:0 auto}
svg text{font:11px system-ui,sans-serif;fill:#1c1c1c}
svg .k{font-size:10px;fill:#444}
svg .t{font-size:10px;font-weight:600;text-anchor:end}
svg .hot text{fill:#fff}
svg rect{stroke:#999;stroke-width:1}
svg clipPath rect{stroke:none}
svg .none rect{stroke-dasharray:3 2}
svg .n{cursor:pointer}
svg .on rect{stroke:#0a58ca;stroke-width:3}
svg path{fill:none;stroke:#bbb;stroke-width:1}
svg path.in{stroke:#0a58ca;stroke-width:2}
svg path.out{stroke:#198754;stroke-width:2}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:12px}
#layers table{min-width:100%}
th,td{padding:3px 8px;text-align:right;white-space:nowrap;border-bottom:1px solid #eee}
th{text-align:right;font-weight:600}
th.l,td.l{text-align:left}
#layers th{position:sticky;top:0;background:#f1f1f1;border-bottom:1px solid #ccc;cursor:pointer;user-select:none;z-index:1}
#layers th[data-dir]::after{content:" \25be"}
#layers th[data-dir="1"]::after{content:" \25b4"}
#layers tbody tr{cursor:pointer}
#layers tbody tr:hover td{background:#f4f7fc}
#layers tbody tr.on td{background:#cfe2ff}
td.c{max-width:24ch;overflow:hidden;text-overflow:ellipsis}
td.h{padding:0;width:6px;min-width:6px}
.weak{color:#777}
#detail dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:0 0 8px}
#detail dt{color:#666}
#detail dd{margin:0;overflow-wrap:anywhere}
#detail td,#detail th{white-space:normal}
#detail tr.chosen{font-weight:600}
@media (max-width:900px){main{grid-template-columns:1fr;grid-template-rows:45% 55%}#graph{border-right:0;border-bottom:1px solid #ccc}}
)";

inline constexpr char pageScript[] = R"(
(function () {
  'use strict';
  var svg = document.getElementById('g'), detail = document.getElementById('detail');
  var body = document.querySelector('#layers tbody');
  var marked = [];
  function mark(element, name) {
    if (!element) return;
    element.classList.add(name);
    marked.push([element, name]);
  }
  function show(element, box) {
    var inner = element.getBoundingClientRect(), outer = box.getBoundingClientRect();
    if (inner.top < outer.top + 30 || inner.bottom > outer.bottom)
      box.scrollTop += inner.top - outer.top - outer.height / 3;
    if (inner.left < outer.left || inner.right > outer.right)
      box.scrollLeft += inner.left - outer.left - outer.width / 3;
  }
  function select(layer, inGraph) {
    marked.forEach(function (entry) { entry[0].classList.remove(entry[1]); });
    marked = [];
    var row = document.getElementById('r' + layer), node = document.getElementById('n' + layer);
    mark(row, 'on');
    mark(node, 'on');
    svg.querySelectorAll('path.r' + layer).forEach(function (path) { mark(path, 'in'); });
    svg.querySelectorAll('path.w' + layer).forEach(function (path) { mark(path, 'out'); });
    detail.replaceChildren(document.getElementById('d' + layer).content.cloneNode(true));
    if (inGraph) show(row, document.getElementById('layers'));
    else show(node, document.getElementById('scroll'));
    history.replaceState(null, '', '#' + layer);
  }
  svg.addEventListener('click', function (event) {
    var node = event.target.closest('g.n');
    if (node) select(node.id.slice(1), true);
  });
  body.addEventListener('click', function (event) {
    var row = event.target.closest('tr');
    if (row) select(row.id.slice(1), false);
  });
  document.querySelectorAll('#layers th').forEach(function (head, column) {
    head.addEventListener('click', function () {
      var direction = head.dataset.dir ? -head.dataset.dir : (head.classList.contains('l') ? 1 : -1);
      document.querySelectorAll('#layers th').forEach(function (other) { delete other.dataset.dir; });
      head.dataset.dir = direction;
      var isText = head.classList.contains('l');
      function key(row) {
        var cell = row.cells[column];
        if (isText) return cell.textContent;
        return cell.dataset.v === undefined ? -1 : Number(cell.dataset.v);
      }
      Array.from(body.rows).map(function (row) { return [key(row), row]; })
        .sort(function (a, b) { return direction * (isText ? a[0].localeCompare(b[0]) : a[0] - b[0]); })
        .forEach(function (entry) { body.appendChild(entry[1]); });
    });
  });
  var zoom = 1, width = Number(svg.getAttribute('width')), height = Number(svg.getAttribute('height'));
  function setZoom(value) {
    zoom = Math.min(3, Math.max(0.05, value));
    svg.setAttribute('width', width * zoom);
    svg.setAttribute('height', height * zoom);
  }
  document.getElementById('less').addEventListener('click', function () { setZoom(zoom / 1.25); });
  document.getElementById('more').addEventListener('click', function () { setZoom(zoom * 1.25); });
  document.getElementById('fit').addEventListener('click', function () {
    setZoom((document.getElementById('scroll').clientWidth - 4) / width);
  });
  if (width > document.getElementById('scroll').clientWidth)
    setZoom(Math.max(0.6, (document.getElementById('scroll').clientWidth - 4) / width));
  var box = document.getElementById('scroll');
  box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;
  var wanted = decodeURIComponent(location.hash.slice(1));
  if (/^[0-9]+$/.test(wanted) && document.getElementById('r' + wanted)) {
    select(wanted, true);
    show(document.getElementById('n' + wanted), box);
  }
})();
)";

} // namespace lambent::driver

#endif
