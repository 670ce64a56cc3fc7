"use strict";
// The state after an event is each row's last change up to there, found by halving: nothing is folded, and any moment costs the same.

const acklab = {
  /** The last place in sorted numbers that is at most `wanted`; -1 if none is. */
  upTo(numbers, wanted) {
    let low = 0, high = numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[middle] <= wanted) low = middle + 1; else high = middle;
    }
    return low - 1;
  },

  /** A line as [tone, text] pairs. */
  spans(data, line) {
    const flat = data.lines[line], found = [];
    for (let at = 0; at < flat.length; at += 2) found.push([data.tones[flat[at]], data.texts[flat[at + 1]]]);
    return found;
  },

  /** What a panel shows after an event: numbers of lines, 0 for an empty one; empty ones at the end are left out. */
  shown(data, panel, event) {
    const rows = data.panels[panel].rows.map(([events, lines]) => {
      const place = acklab.upTo(events, event);
      return place < 0 ? 0 : lines[place];
    });
    while (rows.length && rows[rows.length - 1] === 0) rows.pop();
    return rows;
  },

  /** The same as text. */
  text(data, panel, event) {
    return acklab.shown(data, panel, event).map((line) => acklab.spans(data, line).map((span) => span[1]).join(""));
  },

  /** What happened at an event, without its sign. */
  told(data, event) {
    return acklab.spans(data, data.told[event - data.first]).slice(1).map((span) => span[1]).join("");
  },

  /** The events whose line, or type, holds each of the words, whatever their case. */
  matching(data, wanted) {
    const words = wanted.toLowerCase().split(/\s+/).filter((word) => word), found = [];
    for (let event = data.first; event < data.first + data.told.length; event++) {
      const kind = data.kindNames[data.kinds[event - data.first]];
      const text = `${kind} ${acklab.told(data, event)}`.toLowerCase();
      if (words.every((word) => text.includes(word))) found.push(event);
    }
    return found;
  },

  /** The first number above an event, or the last below it; undefined if there is none. */
  next(numbers, event, direction) {
    const place = acklab.upTo(numbers, direction > 0 ? event : event - 1) + (direction > 0 ? 1 : 0);
    return numbers[place];
  },
};

if (typeof document === "undefined") globalThis.acklab = acklab;
else (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const last = data.first + data.told.length - 1;
  const ROW = 20, TICK_MS = 50;
  let now = -1, matched = null, timer = null, owed = 0;

  const draw = (parent, spans) => {
    for (const [tone, text] of spans) {
      const span = document.createElement("span");
      span.className = `t-${tone}`;
      span.textContent = text;
      parent.append(span);
    }
  };
  const steps = [...document.querySelectorAll("button[data-event]")];

  // -- the moment ------------------------------------------------------------------------------------------------------

  function seek(event) {
    event = Math.min(Math.max(event, data.first), last);
    if (event === now) return;
    now = event;
    data.panels.forEach((panel, place) => {
      const shown = document.createDocumentFragment();
      acklab.shown(data, place, now).forEach((line, row) => {
        if (row) shown.append("\n");
        draw(shown, acklab.spans(data, line));
      });
      by(`panel-${place}`).replaceChildren(shown);
    });
    const moment = by("moment");
    moment.replaceChildren();
    draw(moment, [["heading", `▶ ${data.clocks[now - data.first].trim()} `], ["dim", `#${now} of ${data.total - 1}  `]]);
    draw(moment, acklab.spans(data, data.told[now - data.first]));
    by("scrub").value = String(now);
    by("scrub").setAttribute("aria-valuetext", `event ${now}, ${data.clocks[now - data.first].trim()}: ${acklab.told(data, now)}`);
    for (const step of steps) {
      if (Number(step.dataset.event) === now) step.setAttribute("aria-current", "true");
      else step.removeAttribute("aria-current");
    }
    by("watch").textContent = data.watch ? `${data.watch} --at ${now}` : "";
    place();
    // A link to this moment; a page that was opened in a frame of somebody else may not say so.
    try { history.replaceState(null, "", `#${now}`); } catch { /* the page is whole without it */ }
  }

  const shownEvents = () => matched === null ? data.told.length : matched.length;
  const eventOf = (row) => matched === null ? data.first + row : matched[row];
  const rowOf = (event) => matched === null ? event - data.first : acklab.upTo(matched, event);

  function step(by) {
    if (matched === null) seek(now + by);
    else {
      const found = acklab.next(matched, now, by);
      if (found !== undefined) seek(found);
    }
  }
  function fault(direction) {
    const found = acklab.next(data.faults, now, direction);
    if (found !== undefined && found >= data.first && found <= last) seek(found);
  }

  // -- the events: only the rows in sight are there ---------------------------------------------------------------------

  const list = by("events");
  function place() {
    const top = Math.max(rowOf(now), 0) * ROW, room = list.clientHeight;
    if (top < list.scrollTop + ROW || top > list.scrollTop + room - 2 * ROW) list.scrollTop = top - room / 2;
    listEvents();
  }
  function listEvents() {
    const count = shownEvents(), first = Math.max(Math.floor(list.scrollTop / ROW) - 4, 0);
    const end = Math.min(first + Math.ceil(list.clientHeight / ROW) + 8, count), rows = [];
    for (let row = first; row < end; row++) {
      const event = eventOf(row), item = document.createElement("li");
      item.style.top = `${row * ROW}px`;
      item.setAttribute("aria-setsize", String(count));
      item.setAttribute("aria-posinset", String(row + 1));
      if (event === now) item.setAttribute("aria-current", "true");
      draw(item, [["dim", `${event === now ? "▶" : " "}${data.clocks[event - data.first].padStart(9)} ${`#${event}`.padEnd(8)}`]]);
      draw(item, acklab.spans(data, data.told[event - data.first]));
      item.addEventListener("click", () => seek(event));
      rows.push(item);
    }
    const rest = document.createElement("li");
    rest.setAttribute("aria-hidden", "true");
    rest.style.top = `${count * ROW - 1}px`;
    rest.style.height = "1px";
    list.replaceChildren(...rows, rest);
  }
  list.addEventListener("scroll", listEvents);
  function find(wanted) {
    matched = wanted.trim() ? acklab.matching(data, wanted) : null;
    by("found").textContent = matched === null ? "" : matched.length ? `${matched.length} of ${data.told.length} events` : "no event holds that";
    if (matched !== null && matched.length && !matched.includes(now)) seek(acklab.next(matched, now, 1) ?? matched[matched.length - 1]);
    place();
  }
  by("filter").addEventListener("input", (event) => find(event.target.value));

  // -- playing ---------------------------------------------------------------------------------------------------------

  function play(isPlaying) {
    if (timer !== null) clearInterval(timer);
    timer = null;
    owed = 0;
    if (isPlaying) {
      if (now === last) seek(Math.max(data.begun, data.first));
      timer = setInterval(() => {
        owed += Number(by("speed").value) * TICK_MS / 1000;
        const before = now;
        for (; owed >= 1; owed--) step(1);
        if (now === last || (matched !== null && now === before && acklab.next(matched, now, 1) === undefined)) play(false);
      }, TICK_MS);
    }
    // A voice that told each moment of a run that plays would never come to an end.
    by("moment").setAttribute("aria-live", isPlaying ? "off" : "polite");
    by("play").textContent = isPlaying ? "‖ Pause" : "▶ Play";
  }

  // -- keys and buttons ------------------------------------------------------------------------------------------------

  const acts = {
    first: () => seek(data.first), back: () => step(-1), on: () => step(1), last: () => seek(last),
    faultBack: () => fault(-1), faultOn: () => fault(1), play: () => play(timer === null),
  };
  for (const [id, act] of Object.entries(acts)) by(id).addEventListener("click", act);
  by("scrub").addEventListener("input", (event) => seek(Number(event.target.value)));
  for (const one of steps) one.addEventListener("click", () => seek(Number(one.dataset.event)));

  const KEYS = { ArrowLeft: acts.back, ArrowRight: acts.on, h: acts.back, l: acts.on, f: acts.faultOn, F: acts.faultBack,
    Home: acts.first, End: acts.last, " ": acts.play };
  document.addEventListener("keydown", (event) => {
    const at = event.target, writes = at.matches("input[type=search], select");
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && at === by("filter")) { at.value = ""; find(""); at.blur(); return; }
    if (writes) return;
    if (event.key === "/") { event.preventDefault(); by("filter").focus(); return; }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && at.matches("button[data-event]")) {
      const open = steps.filter((one) => one.closest("details").open);
      const other = open[open.indexOf(at) + (event.key === "ArrowDown" ? 1 : -1)];
      if (other) { event.preventDefault(); other.focus(); seek(Number(other.dataset.event)); }
      return;
    }
    if (event.key === " " && at.matches("button, summary, a")) return;
    const act = KEYS[event.key];
    if (act && !(at === by("scrub") && event.key.startsWith("Arrow"))) { event.preventDefault(); act(); }
  });
  for (const one of document.querySelectorAll("button[data-copies]")) {
    one.addEventListener("click", async () => {
      const text = by(one.dataset.copies), said = by("copied");
      try {
        await navigator.clipboard.writeText(text.textContent);
        said.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(text);
        said.textContent = "the browser does not let a page copy: it is marked, Ctrl+C copies it";
      }
    });
  }
  function drawMarks() {
    const svg = by("marks"), width = svg.clientWidth || 1000, shown = [];
    const ends = data.told.length;
    for (const [numbers, glyph, tone] of [[data.faults, "x", "fault"], [data.violations, "!", "bad"]]) {
      const columns = new Set();
      for (const event of numbers) {
        if (event < data.first || event > last) continue;
        const column = Math.round((event - data.first + 0.5) / ends * (width - 16) / 9);
        if (columns.has(column)) continue;
        columns.add(column);
        const mark = document.createElementNS("http://www.w3.org/2000/svg", "text");
        mark.setAttribute("x", String(8 + column * 9));
        mark.setAttribute("y", tone === "fault" ? "10" : "18");
        mark.setAttribute("text-anchor", "middle");
        mark.setAttribute("class", `m-${tone}`);
        mark.textContent = glyph;
        shown.push(mark);
      }
    }
    svg.replaceChildren(...shown);
  }
  addEventListener("resize", () => { drawMarks(); place(); });
  addEventListener("hashchange", () => { const there = Number(location.hash.slice(1)); if (Number.isInteger(there)) seek(there); });
  drawMarks();
  const asked = /^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) : data.at;
  seek(asked);
})();
