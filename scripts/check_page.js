// What check_page.py asks a page. Evaluated in the page by the browser's debugger; the page has no script.
globalThis.checks = (() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isSeen = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 0;
  const LEAST_TEXT_PX = 9.5;

  function width() {
    const problems = [];
    const window_ = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > window_) {
      problems.push(`is ${document.documentElement.scrollWidth} pixels wide`);
    }
    for (const element of all("body *:not(svg *, .scroll *)")) {
      const box = element.getBoundingClientRect();
      if (isSeen(element) && getComputedStyle(element).position !== "absolute" && (box.right > window_ + 0.5 || box.left < -0.5)) {
        problems.push(`${name(element)} reaches from ${box.left.toFixed()} to ${box.right.toFixed()}`);
      }
    }
    return problems;
  }

  // Paper does not scroll.
  const paper = () => all(".scroll").filter((region) => isSeen(region) && region.scrollWidth > region.clientWidth + 1)
    .map((region) => `${name(region)} is cut on paper`);

  const name = (element) =>
    `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""} "${element.textContent.trim().slice(0, 40)}"`;

  // Relative luminance and contrast as WCAG 2.2 defines them.
  function luminance([r, g, b]) {
    const [R, G, B] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  }
  function contrast(a, b) {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  }
  const parts = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  function ground(element) {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    // Nothing is painted: what shines through is the browser's own ground for the colour scheme.
    const isDark = getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches;
    return isDark ? [18, 18, 18] : [255, 255, 255];
  }

  function contrasts() {
    const problems = [];
    const need = (element, colour, least) => {
      const found = contrast(parts(colour), ground(element.parentElement));
      if (found < least) problems.push(`${name(element)} has a contrast of ${found.toFixed(2)}, less than ${least}`);
    };
    const texts = all("body *:not(svg *, script, svg, title, desc)").filter(
      (element) => isSeen(element) && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
    for (const element of texts.slice(0, 5000)) need(element, getComputedStyle(element).color, 4.5);
    for (const text of all("svg text").filter(isSeen)) need(text, getComputedStyle(text).fill, 4.5);
    for (const curve of all("svg .curve, svg .axis, svg line.reference").filter(isSeen)) need(curve, getComputedStyle(curve).stroke, 3);
    for (const bar of all("svg .bar.solid, svg .mark").filter(isSeen)) need(bar, getComputedStyle(bar).fill, 3);
    for (const bar of all("svg .bar.open").filter(isSeen)) need(bar, getComputedStyle(bar).stroke, 3);
    return problems;
  }

  function drawing(svg) {
    const problems = [];
    const frame = svg.getBoundingClientRect();
    if (frame.width < 200 || frame.height < 60) problems.push(`the drawing is only ${frame.width} by ${frame.height}`);
    const scale = frame.width / svg.viewBox.baseVal.width;
    const texts = all("text", svg).filter((text) => text.textContent).map((text) => [text, text.getBoundingClientRect()]);
    for (const [text, box] of texts) {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        problems.push(`${name(text)} is cut`);
      }
      const size = parseFloat(getComputedStyle(text).fontSize) * scale;
      if (size < LEAST_TEXT_PX) problems.push(`${name(text)} is ${size.toFixed(1)} pixels high`);
    }
    texts.forEach(([text, a], at) => {
      for (const [other, b] of texts.slice(at + 1)) {
        // Boxes of text have air above and below the letters.
        const air = 3;
        if (a.left < b.right && b.left < a.right && a.top + air < b.bottom - air && b.top + air < a.bottom - air) {
          problems.push(`${name(text)} covers ${name(other)}`);
        }
      }
    });
    for (const mark of all(".mark, .bar, .curve, .band, .whisker", svg)) {
      const box = mark.getBoundingClientRect();
      if (box.left < frame.left - 6 || box.right > frame.right + 6 || box.top < frame.top - 6 || box.bottom > frame.bottom + 6) {
        problems.push(`a ${mark.getAttribute("class")} is outside its drawing`);
      }
    }
    for (const element of all("*", svg)) {
      for (const attribute of element.attributes) {
        if (/NaN|[Ii]nf|undefined/.test(attribute.value) && !attribute.name.startsWith("aria-") && attribute.name !== "id") {
          problems.push(`${attribute.name}="${attribute.value.slice(0, 40)}"`);
        }
      }
    }
    return problems;
  }

  function figure(element) {
    const problems = [];
    const named = (ids) => (ids || "").split(" ").map((id) => document.getElementById(id)?.textContent.trim() || "").join(" ").trim();
    if (element.getAttribute("role") !== "group" || !named(element.getAttribute("aria-labelledby"))) problems.push("has no name");
    const drawings = all("svg.chart, p.nothing", element).filter(isSeen);
    if (drawings.length !== 1) problems.push(`shows ${drawings.length} drawings`);
    for (const svg of drawings.filter((drawing) => drawing.tagName === "svg")) {
      const described = named(svg.getAttribute("aria-labelledby")) && named(svg.getAttribute("aria-describedby"));
      if (svg.getAttribute("role") !== "img" || !described) problems.push("its drawing has no name or description");
      if (!all(".bar, .mark, .curve", svg).some((mark) => mark.checkVisibility())) problems.push("its drawing is empty");
      problems.push(...drawing(svg));
    }
    if (!element.querySelector("details table thead th")) problems.push("has no table");
    try {
      const data = JSON.parse(element.querySelector('script[type="application/json"]').textContent);
      if (data.id !== element.id || !Array.isArray(data.chart.series)) problems.push("its JSON is of another figure");
    } catch (error) {
      problems.push(`has no JSON: ${error}`);
    }
    return problems.map((problem) => `figure ${element.id}: ${problem}`);
  }

  function file() {
    const problems = [];
    if (!document.querySelector('meta[http-equiv="Content-Security-Policy"]')) problems.push("has no content security policy");
    for (const script of all("script")) if (script.type !== "application/json") problems.push("has a script");
    for (const element of all("[src], [href], [srcset], [data], link")) {
      const target = element.getAttribute("href") || "";
      if (!target.startsWith("#")) problems.push(`${name(element)} refers to something else`);
      else if (!document.getElementById(target.slice(1))) problems.push(`${target} is nowhere`);
    }
    const ids = all("[id]").map((element) => element.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) problems.push(`two elements are #${id}`);
    if (all("h1").length !== 1) problems.push("has no single h1");
    if (!all("figure").length) problems.push("has no figure");
    if (!all("figure").every((figure) => figure.id)) problems.push("a figure has no anchor");
    return problems;
  }

  return {
    width,
    problems: (media) => [...file(), ...all("figure").flatMap(figure), ...(media === "screen" ? width() : paper()), ...contrasts()].slice(0, 40),
    titles: () => all("figure h3").map((title) => title.textContent.trim().replace(/\s+/g, " ")),
    drawn: () => all("svg.chart").filter(isSeen).map((svg) => svg.querySelector("title").textContent.trim().replace(/\s+/g, " ")),
    unfold: () => all("details").forEach((details) => { details.open = true; }),
    boxes: () => Object.fromEntries([["whole", document.body], ...all("figure, div.table, header").map((element, at) => [element.id || `part${at}`, element])]
      .map(([key, element]) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [key, { x: Math.max(0, x - 8), y: Math.max(0, y + scrollY - 8), width: width + 16, height: height + 16 }];
      })),
  };
})();
