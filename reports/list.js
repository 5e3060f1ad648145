"use strict";
// Lists that can be searched, sorted and exported. Without this script every row is
// shown in the report's own order; nothing here asks anything of a network.
(function () {
  var all = function (within, what) {
    return Array.prototype.slice.call(within.querySelectorAll(what));
  };

  // A region that does not scroll is no stop for the keyboard.
  function stops() {
    all(document, ".scroll").forEach(function (region) {
      var scrolls = region.scrollWidth > region.clientWidth + 1 ||
        region.scrollHeight > region.clientHeight + 1;
      if (scrolls) region.setAttribute("tabindex", "0");
      else region.removeAttribute("tabindex");
    });
  }

  function shown(cell) {
    return cell.textContent.replace(/\s+/g, " ").trim();
  }

  // A spreadsheet must take no cell for a formula.
  function safe(text) {
    if (/^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return '"' + text.replace(/"/g, '""') + '"';
  }

  function key(cell, numeric) {
    var text = cell.dataset.v !== undefined ? cell.dataset.v : shown(cell);
    return numeric ? parseFloat(text.replace(/,/g, "")) : text.toLowerCase();
  }

  // Cells without a number stay last in either direction; equals keep their order.
  function compare(numeric, way) {
    return function (one, other) {
      if (numeric) {
        var none = isNaN(one.key), nor = isNaN(other.key);
        if (none || nor) return none - nor || one.place - other.place;
        return way * (one.key - other.key) || one.place - other.place;
      }
      if (one.key === other.key) return one.place - other.place;
      return one.key < other.key ? -way : way;
    };
  }

  function list(root) {
    var table = root.querySelector("table"), body = table.tBodies[0];
    var heads = all(table.tHead, "th"), rows = all(body, "tr:not(.detail)");
    // A row's picture, folded below it, goes and comes with it.
    var details = rows.map(function (row) {
      var next = row.nextElementSibling;
      return next && next.classList.contains("detail") ? next : null;
    });
    var search = root.querySelector("input"), group = root.querySelector("select");
    var status = root.querySelector("[role=status]");
    var texts = rows.map(function (row) {
      return all(row, "th,td").map(shown).join(" ").toLowerCase();
    });

    function filter() {
      var terms = search.value.toLowerCase().split(/\s+/).filter(Boolean), count = 0;
      rows.forEach(function (row, i) {
        var fits = (!group || !group.value || row.dataset.group === group.value) &&
          terms.every(function (term) { return texts[i].indexOf(term) >= 0; });
        row.hidden = !fits;
        if (details[i]) details[i].hidden = !fits;
        count += fits;
      });
      status.textContent = count + " of " + rows.length + " rows shown";
      stops();
    }

    function sort(head, column) {
      var way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      var numeric = head.dataset.sort === "number";
      heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      rows.map(function (row, place) {
        return { row: row, key: key(row.cells[column], numeric), place: place };
      }).sort(compare(numeric, way)).forEach(function (entry) {
        body.appendChild(entry.row);
        if (details[entry.place]) body.appendChild(details[entry.place]);
      });
    }

    function save() {
      var lines = [heads.map(function (head) { return safe(head.dataset.head); })];
      all(body, "tr:not(.detail)").forEach(function (row) {
        if (row.hidden) return;
        lines.push(all(row, "th,td").map(function (cell) { return safe(shown(cell)); }));
      });
      var text = "\ufeff" + lines.map(function (line) {
        return line.join(",");
      }).join("\r\n") + "\r\n";
      var anchor = document.createElement("a");
      anchor.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      anchor.download = table.id + ".csv";
      anchor.click();
      setTimeout(function () { URL.revokeObjectURL(anchor.href); }, 1000);
    }

    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () { sort(head, column); });
    });
    search.addEventListener("input", filter);
    if (group) group.addEventListener("input", filter);
    root.querySelector("[data-save]").addEventListener("click", save);
    root.querySelector(".tools").hidden = false;
    filter();
  }

  all(document, "[data-list]").forEach(list);
  all(document, "details").forEach(function (fold) {
    fold.addEventListener("toggle", stops);
  });
  window.addEventListener("resize", stops);
  stops();
})();
