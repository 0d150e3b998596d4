"use strict";
(() => {
  const service = "fine-tuning";
  const side = 28, box = 20;
  const byId = id => document.getElementById(id);
  const canvas = byId("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const bars = [];
  let drawn = false, last = null, asking = false, again = false, corrections = 0;
  let cursor = null, lowered = false;

  // --- drawing --------------------------------------------------------------------------------------------------------------------

  pen.lineWidth = 20;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#fff";

  function line(from, to) {
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x + .01, to.y);
    pen.stroke();
    drawn = true;
    predict();
  }

  function place(event) {
    const area = canvas.getBoundingClientRect();
    return { x: (event.clientX - area.left) * canvas.width / area.width, y: (event.clientY - area.top) * canvas.height / area.height };
  }

  canvas.addEventListener("pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    line(last, last);
  });
  canvas.addEventListener("pointermove", event => {
    if (!last)
      return;
    for (const part of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const next = place(part);
      line(last, next);
      last = next;
    }
  });
  for (const name of ["pointerup", "pointercancel"])
    canvas.addEventListener(name, () => last = null);

  canvas.addEventListener("keydown", event => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    cursor ??= { x: canvas.width / 2, y: canvas.height / 2 };
    if (event.key === " ") {
      lowered = !lowered;
      if (lowered)
        line(cursor, cursor);
      canvas.setAttribute("aria-label", `Drawing area, pen ${lowered ? "down" : "up"}`);
    } else if (event.key === "Escape") {
      clear();
    } else if (moves[event.key]) {
      const within = value => Math.max(10, Math.min(canvas.width - 10, value));
      const next = { x: within(cursor.x + moves[event.key][0] * 14), y: within(cursor.y + moves[event.key][1] * 14) };
      if (lowered)
        line(cursor, next);
      cursor = next;
    } else {
      return;
    }
    event.preventDefault();
  });

  function clear() {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    byId("seen").getContext("2d").clearRect(0, 0, side, side);
    drawn = lowered = false;
    cursor = null;
    canvas.setAttribute("aria-label", "Drawing area");
    byId("answer").textContent = "Nothing yet";
    bars.forEach(bar => bar.show(0));
    enable();
  }
  byId("clear").addEventListener("click", () => {
    clear();
    canvas.focus();
  });

  // --- as MNIST has it: the ink's box scaled into 20 by 20, its centre of mass in the middle of 28 by 28 -----------------------------

  function digit() {
    const width = canvas.width, height = canvas.height;
    const pixels = pen.getImageData(0, 0, width, height).data;
    const ink = (x, y) => pixels[(y * width + x) * 4 + 3] / 255;
    let left = width, right = -1, top = height, bottom = -1;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (ink(x, y) > 0) {
          left = Math.min(left, x); right = Math.max(right, x);
          top = Math.min(top, y); bottom = Math.max(bottom, y);
        }
    if (right < 0)
      return null;
    const across = right - left + 1, down = bottom - top + 1;
    const step = Math.max(across, down) / box;
    const columns = Math.max(1, Math.round(across / step)), rows = Math.max(1, Math.round(down / step));
    const small = new Float32Array(columns * rows);
    let mass = 0, atX = 0, atY = 0;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const value = mean(ink, left + column * across / columns, left + (column + 1) * across / columns, top + row * down / rows, top + (row + 1) * down / rows, right, bottom);
        small[row * columns + column] = value;
        mass += value;
        atX += value * (column + .5);
        atY += value * (row + .5);
      }
    const shiftX = Math.round(side / 2 - atX / mass), shiftY = Math.round(side / 2 - atY / mass);
    const image = new Float32Array(side * side);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const x = column + shiftX, y = row + shiftY;
        if (x >= 0 && x < side && y >= 0 && y < side)
          image[y * side + x] = small[row * columns + column];
      }
    return image;
  }

  function mean(ink, left, right, top, bottom, lastX, lastY) {
    let sum = 0, count = 0;
    for (let y = Math.floor(top); y < Math.max(Math.ceil(bottom), Math.floor(top) + 1) && y <= lastY; y++)
      for (let x = Math.floor(left); x < Math.max(Math.ceil(right), Math.floor(left) + 1) && x <= lastX; x++) {
        sum += ink(x, y);
        count++;
      }
    return count === 0 ? 0 : sum / count;
  }

  function show(image) {
    const seen = byId("seen").getContext("2d");
    const data = seen.createImageData(side, side);
    image.forEach((value, index) => data.data.set([255, 255, 255, value * 255], index * 4));
    seen.putImageData(data, 0, 0);
  }

  function tensor(image) {
    const bytes = new DataView(new ArrayBuffer(image.length * 4));
    image.forEach((value, index) => bytes.setFloat32(index * 4, value, true));
    return { type: "float", shape: [1, side, side], base64: btoa(String.fromCharCode(...new Uint8Array(bytes.buffer))) };
  }

  // --- asking the service ---------------------------------------------------------------------------------------------------------

  async function post(path, body) {
    const response = await fetch(`${service}/${path}`, {
      method: "POST", headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok)
      throw new Error(answer.detail || response.statusText);
    return answer;
  }

  // One question at a time; what is drawn meanwhile is asked for once more at the end.
  async function predict() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const image = digit();
      if (!image)
        return;
      show(image);
      const answer = await post("predict", { inputs: { image: tensor(image) } });
      const scores = Object.values(answer.outputs)[0].values.flat();
      if (!drawn)
        return;
      const shares = softmax(scores);
      shares.forEach((share, index) => bars[index].show(share));
      const best = shares.indexOf(Math.max(...shares));
      byId("answer").textContent = `${best}, ${(100 * shares[best]).toFixed(0)} % sure`;
      byId("served").textContent = `Version ${answer.version}`;
    } catch (error) {
      byId("answer").textContent = error.message;
    } finally {
      asking = false;
      enable();
      if (again) {
        again = false;
        predict();
      }
    }
  }

  function softmax(scores) {
    const total = scores.reduce((sum, score) => sum + score, 0);
    if (scores.every(score => score >= 0) && Math.abs(total - 1) < 1e-3)
      return scores; // the model gives shares itself
    const most = Math.max(...scores);
    const exponents = scores.map(score => Math.exp(score - most));
    const sum = exponents.reduce((all, value) => all + value, 0);
    return exponents.map(value => value / sum);
  }

  async function teach(label) {
    try {
      const image = digit();
      if (!image)
        return;
      // First without the label: mostly wrong answers are corrected, and so the label counts for the version that gave the answer, not against it alone.
      const { keys: [key] } = await post("samples", { inputs: { image: tensor(image) }, subject: "try-page" });
      await post("feedback", { key, target: label });
      corrections++;
      clear();
      byId("taught").textContent = `Stored as a ${label}. ${corrections} so far.`;
    } catch (error) {
      byId("taught").textContent = error.message;
    }
  }

  byId("learn").addEventListener("click", async () => {
    try {
      byId("taught").textContent = (await post("runs")).message;
    } catch (error) {
      byId("taught").textContent = error.message;
    }
  });

  function enable() {
    document.querySelectorAll("#labels button").forEach(button => button.disabled = !drawn);
  }

  for (let label = 0; label < 10; label++) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.setAttribute("aria-label", `It was a ${label}`);
    button.addEventListener("click", () => teach(label));
    byId("labels").append(button);
    const row = byId("bars").insertRow();
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = label;
    const meter = document.createElement("meter");
    meter.setAttribute("aria-label", `How sure of ${label}`);
    row.append(name);
    row.insertCell().append(meter);
    const text = row.insertCell();
    bars.push({ show: share => { meter.value = share; text.textContent = `${(share * 100).toFixed(0)} %`; } });
    bars[label].show(0);
  }
  enable();
})();
