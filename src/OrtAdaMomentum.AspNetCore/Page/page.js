"use strict";
(() => {
  const base = location.pathname.replace(/\/+$/, "");
  const keyName = "fine-tuning-key";
  const byId = id => document.getElementById(id);
  let points = [];
  let status = null;
  let drawing = false;

  // --- asking ---------------------------------------------------------------------------------------------------------------------

  function headers() {
    const key = sessionStorage.getItem(keyName);
    return key ? { "X-Api-Key": key } : {};
  }

  async function ask(path, options = {}) {
    const response = await fetch(base + path, { ...options, headers: headers(), cache: "no-store" });
    if (response.status === 401)
      askForKey();
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      throw new Error(problem.detail || `${response.status} ${response.statusText}`);
    }
    return response;
  }

  const read = async path => (await ask(path)).json();

  function askForKey() {
    byId("key-section").hidden = false;
    say("The service wants a key.", true);
  }

  byId("key-form").addEventListener("submit", event => {
    event.preventDefault();
    sessionStorage.setItem(keyName, byId("key").value.trim());
    byId("key").value = "";
    byId("key-section").hidden = true;
    say("");
    refresh();
  });

  // --- showing --------------------------------------------------------------------------------------------------------------------

  function say(text, bad = false) {
    byId("message").textContent = text;
    byId("message").classList.toggle("bad", bad);
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined)
      made.textContent = text;
    if (className)
      made.className = className;
    return made;
  }

  const number = value => typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 4 }) : String(value ?? "–");
  const short = value => typeof value !== "number" ? String(value ?? "–")
    : value !== 0 && Math.abs(value) < .001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  const percent = share => typeof share === "number" ? (share * 100).toFixed(2) + " %" : "–";
  const time = text => new Date(text).toLocaleString();
  const title = word => word.charAt(0).toUpperCase() + word.slice(1);

  function setState(state, connection = "") {
    const shown = title(state);
    // Only when it changes, so that a screen reader does not repeat it.
    if (byId("state").textContent !== shown) {
      byId("state").textContent = shown;
      byId("state").dataset.state = state;
    }
    byId("connection").textContent = connection;
  }

  function fillList(list, pairs) {
    list.replaceChildren(...pairs.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
  }

  function showStatus() {
    setState(status.state.toLowerCase());
    byId("model").textContent = status.model === "default" ? "" : status.model;
    document.title = `${title(status.state.toLowerCase())} – fine-tuning${status.model === "default" ? "" : " of " + status.model}`;
    byId("version").textContent = status.version ? status.version.label : "None yet";
    byId("version-reason").textContent = status.version ? `Of ${time(status.version.created)}. ${origin(status.version)}` : "The service is starting or has stopped.";
    byId("watch").textContent = watchText(status.watch);
    byId("rollback").disabled = !status.version || !status.version.parent;
    byId("run").disabled = !status.version;
    const samples = status.samples;
    byId("samples-total").textContent = samples ? number(samples.total) : "–";
    fillList(byId("samples"), samples ? [
      ["to learn from", number(samples.training)], ["held out", number(samples.heldOut)],
      ...(samples.unlabelled ? [["without a label yet", number(samples.unlabelled)]] : []),
      ...(samples.damaged ? [["damaged", number(samples.damaged)]] : []),
      ["new since the latest run", number(samples.new)], ["waiting to be stored", number(samples.waiting)]] : []);
    showProgress(status.progress);
    const decision = status.decision;
    byId("decision").textContent = status.failure
      ? `Failed ${time(status.failure.time)}: ${status.failure.message}`
      : decision ? `${decision.promoted ? "Promoted" : "Not promoted"}: version ${decision.version}` : "";
    byId("why").hidden = Boolean(status.failure) || !decision;
    byId("reason").textContent = decision ? decision.reason : "";
    showProblems(status.problems);
    showPause();
    showDrift(status.drift);
  }

  function watchText(watch) {
    if (!watch)
      return "";
    const reports = summary => summary && summary.count > 0 ? `${number(summary.count)} reports, mean ${short(summary.mean)}` : "no reports yet";
    return `Feedback: ${reports(watch.feedback)}`
      + (watch.parent && watch.parent.count > 0 ? `; the version before: ${reports(watch.parent)}` : "")
      + (watch.labels && watch.labels.count > 0
        ? `; by labels that came later ${short(watch.labels.mean)} (${number(watch.labels.count)})` : "")
      + (watch.parentLabels && watch.parentLabels.count > 0
        ? `, the version before ${short(watch.parentLabels.mean)} (${number(watch.parentLabels.count)})` : "")
      + (watch.samples && watch.samples.count > 0
        ? `; on ${number(watch.samples.count)} samples that came in ${short(watch.samples.mean)}, the version before ${short(watch.samples.parentMean)}` : "")
      + (watch.until ? `. Watched until ${time(watch.until)}.` : ".");
  }

  const origin = version => version.parent ? scoreText(version.scores) || `Trained from ${version.parent.slice(0, 8)}.` : "The base model.";

  function showProgress(progress) {
    if (!progress)
      return;
    const running = status && status.state.toLowerCase() === "training";
    byId("run-figure").textContent = `step ${number(progress.step)} of ${number(progress.totalSteps)}`;
    byId("run-progress").max = progress.totalSteps;
    byId("run-progress").value = progress.step;
    byId("run-text").textContent =
      `loss ${short(progress.loss)}, ${number(progress.samplesPerSecond)} samples a second` + (running ? `, ${Math.ceil(progress.remaining)} s left` : "");
  }

  function showProblems(problems) {
    byId("problems-section").hidden = problems.length === 0;
    byId("problems").replaceChildren(...problems.map(problem => element("li", `${problem.message} (since ${time(problem.since)})`)));
  }

  function showPause() {
    const pause = status.pause;
    byId("pause").hidden = !pause;
    byId("pause-section").hidden = !pause || pause.reasons.length === 0;
    if (!pause)
      return;
    byId("pause").textContent = pause.byHand ? "Resume training" : "Pause training";
    byId("pause-reasons").replaceChildren(...pause.reasons.map(reason => element("li", reason)));
  }

  function showDrift(drift) {
    byId("drift-text").textContent = !drift ? "Not enough requests yet to compare."
      : drift.isDrifting ? "Requests differ from those that the version was first asked." : "Requests are as those that the version was first asked.";
    fillList(byId("drift"), drift ? drift.features.map(feature => [feature.name, number(feature.index) + (feature.isDrifting ? ", drifting" : "")]) : []);
  }

  function scoreText(scores) {
    if (!scores)
      return "";
    const pair = (name, before, after) => !after ? ""
      : typeof after.accuracy === "number" ? `${name}: accuracy ${percent(before && before.accuracy)} → ${percent(after.accuracy)} of ${number(after.count)}`
        : `${name}: loss ${number(before && before.loss)} → ${number(after.loss)} on ${number(after.count)}`;
    return [pair("Held out", scores.heldOutBefore, scores.heldOut), pair("golden", scores.goldenBefore, scores.golden)].filter(Boolean).join("; ");
  }

  function showVersions(versions) {
    byId("versions").replaceChildren(...versions.map(version => {
      const item = element("li");
      const name = element("div");
      name.append(element("div", version.label, "name"));
      name.append(element("div", version.current ? "served now" : version.accepted ? "accepted" : "not accepted",
        "tag" + (version.current ? " current" : version.accepted ? "" : " refused")));
      name.append(element("div", time(version.created), "tag"));
      const why = element("div");
      why.append(element("p", version.reason, "reason"));
      const scores = scoreText(version.scores);
      if (scores)
        why.append(element("p", scores, "scores"));
      item.append(name, why);
      if (!version.current) {
        const button = element("button", "Serve this", "plain");
        button.type = "button";
        button.setAttribute("aria-label", `Serve version ${version.label}`);
        button.addEventListener("click", () => promote(version));
        item.append(button);
      }
      return item;
    }));
  }

  // --- curves ---------------------------------------------------------------------------------------------------------------------

  function shape(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes))
      made.setAttribute(key, value);
    if (text !== undefined)
      made.textContent = text;
    return made;
  }

  function drawChart(name, values, format) {
    const chart = byId(name + "-chart");
    const table = byId(name + "-table");
    if (values.length === 0) {
      chart.replaceChildren(element("p", "Nothing measured yet.", "none"));
      table.replaceChildren();
      return;
    }
    const width = Math.max(280, chart.clientWidth || 560), height = 230, left = 62, right = 14, top = 12, bottom = 30;
    const xs = values.map(value => value[0]), ys = values.map(value => value[1]);
    const minX = Math.min(...xs), maxX = Math.max(...xs);
    let minY = Math.min(...ys), maxY = Math.max(...ys);
    // Where zero is near, a curve is read more easily from it.
    if (minY > 0 && minY < maxY / 4)
      minY = 0;
    if (maxY - minY < 1e-9) {
      minY -= Math.abs(minY) * .05 + 1e-3;
      maxY += Math.abs(maxY) * .05 + 1e-3;
    }
    const x = value => left + (maxX === minX ? .5 : (value - minX) / (maxX - minX)) * (width - left - right);
    const y = value => top + (1 - (value - minY) / (maxY - minY)) * (height - top - bottom);
    const first = values[0], last = values[values.length - 1];
    const summary = `From ${format(first[1])} at step ${first[0]} to ${format(last[1])} at step ${last[0]}; least ${format(Math.min(...ys))}, most ${format(Math.max(...ys))}.`;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": summary });
    for (let line = 0; line <= 4; line++) {
      const value = minY + (maxY - minY) * line / 4;
      svg.append(shape("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
      svg.append(shape("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, format(value)));
    }
    svg.append(shape("text", { x: left, y: height - 8 }, `step ${number(minX)}`));
    svg.append(shape("text", { x: width - right, y: height - 8, "text-anchor": "end" }, number(maxX)));
    svg.append(shape("path", { class: "curve", d: "M" + values.map(value => `${x(value[0]).toFixed(1)} ${y(value[1]).toFixed(1)}`).join("L") }));
    if (values.length <= 30)
      values.forEach(value => svg.append(shape("circle", { class: "point", cx: x(value[0]), cy: y(value[1]), r: 3 })));
    chart.replaceChildren(svg);
    drawTable(table, values, format);
  }

  function drawTable(place, values, format) {
    const table = element("table");
    const head = table.createTHead().insertRow();
    ["Step", "Value"].forEach(text => {
      const cell = element("th", text);
      cell.scope = "col";
      head.append(cell);
    });
    const stride = Math.ceil(values.length / 40);
    const body = table.createTBody();
    values.filter((_, index) => index % stride === 0 || index === values.length - 1).forEach(([step, value]) => {
      const row = body.insertRow();
      row.insertCell().textContent = number(step);
      row.insertCell().textContent = format(value);
    });
    place.replaceChildren(table);
  }

  function draw() {
    if (drawing)
      return;
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      drawChart("loss", points.filter(point => typeof point.loss === "number").map(point => [point.step, point.loss]), short);
      drawChart("accuracy", points.filter(point => typeof point.accuracy === "number").map(point => [point.step, point.accuracy]), percent);
    });
  }

  function addPoint(point) {
    if (points.length > 0 && point.step <= points[points.length - 1].step)
      points = [];
    points.push(point);
    if (points.length > 1500)
      points = points.filter((kept, index) => index % 2 === 0 || typeof kept.accuracy === "number");
    draw();
  }

  // --- keeping up -----------------------------------------------------------------------------------------------------------------

  async function refresh() {
    try {
      status = await read("/status");
      showStatus();
      points = await read("/history");
      draw();
      if (status.version)
        showVersions((await read("/versions")).versions);
    } catch (error) {
      say(error.message, true);
    }
  }

  let refreshing = null;
  function refreshSoon() {
    refreshing ??= setTimeout(async () => {
      refreshing = null;
      await refresh();
    }, 150);
  }

  function happened(name, data) {
    switch (name) {
      case "progress":
        addPoint(data.progress);
        if (status)
          status.progress = data.progress;
        showProgress(data.progress);
        break;
      case "alive":
        break;
      case "state":
        if (status)
          status.state = data.state;
        setState(data.state.toLowerCase());
        refreshSoon();
        break;
      default:
        refreshSoon();
    }
  }

  // Not an EventSource, because that cannot send the key.
  async function follow() {
    for (;;) {
      try {
        const response = await ask("/events");
        await refresh();
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = "";
        for (;;) {
          const { value, done } = await reader.read();
          if (done)
            break;
          text += value;
          const blocks = text.split(/\r?\n\r?\n/);
          text = blocks.pop();
          for (const block of blocks) {
            const field = wanted => block.split(/\r?\n/).filter(line => line.startsWith(wanted + ": ")).map(line => line.slice(wanted.length + 2)).join("\n");
            if (field("data"))
              happened(field("event"), JSON.parse(field("data")));
          }
        }
      } catch {
        // Tried again below.
      }
      setState("offline", "The service does not answer; trying again.");
      await new Promise(resolve => setTimeout(resolve, 2000));
    }
  }

  // --- doing ----------------------------------------------------------------------------------------------------------------------

  function confirmed(heading, text, yes) {
    const dialog = byId("confirm");
    byId("confirm-heading").textContent = heading;
    byId("confirm-text").textContent = text;
    byId("confirm-yes").textContent = yes;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise(resolve => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
  }

  async function act(path, done) {
    try {
      const response = await ask(path, { method: "POST" });
      say(done(await response.json().catch(() => ({}))));
      await refresh();
    } catch (error) {
      say(error.message, true);
    }
  }

  async function promote(version) {
    if (await confirmed(`Serve ${version.label}?`, "Requests that begin from now on are answered by it. A run under way does not replace it.", "Serve it"))
      await act(`/versions/${version.id}/promote`, served => `Version ${served.label} is served now.`);
  }

  byId("rollback").addEventListener("click", async () => {
    const label = status && status.version ? status.version.label : "the served version";
    if (await confirmed("Roll back?", `The version that ${label} was trained from is served again, and ${label} is not accepted any more.`, "Roll back now"))
      await act("/rollback", served => `Rolled back: version ${served.label} is served now.`);
  });
  byId("run").addEventListener("click", () => act("/runs", () => "A run starts as soon as none is under way."));
  byId("pause").addEventListener("click", () => status && status.pause && status.pause.byHand
    ? act("/resume", () => "Training may go on.")
    : act("/pause", () => "Training pauses within a step."));

  async function showModels() {
    try {
      const root = base.replace(/\/[^/]+$/, "");
      const known = status ? status.model : "";
      const own = base.endsWith("/" + known) ? root : base;
      const response = await fetch(own + "/models", { headers: headers() });
      const names = (await response.json()).models;
      byId("models").hidden = names.length < 2;
      byId("models").replaceChildren(...names.map(name => {
        const link = element("a", name);
        link.href = `${own}/${name}/`;
        if (name === known)
          link.setAttribute("aria-current", "page");
        return link;
      }));
    } catch {
      // The page is about one model then.
    }
  }

  addEventListener("resize", draw);
  follow();
  const waiting = setInterval(() => {
    if (status) {
      clearInterval(waiting);
      showModels();
    }
  }, 200);
  // Counts and drift change without an event.
  setInterval(() => status && !document.hidden && refresh(), 10000);
})();
