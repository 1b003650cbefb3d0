// Runs frames through the live part's own scripts in Node: `node run_frames.mjs FOLDER WASM CELLS` with a request on
// standard input, {"frames": [base64, ...], "pictures": [...], "cells": [[tensor, row, column, channel], ...]}; answers in JSON.
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

globalThis.crypto ??= webcrypto; // Node 18 has it under this name only

const [folder, wasm, cellFile] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${folder}/${name}`).href);
const { Network } = await load("network.js"), { hashOf } = await load("proof.js"), camera = await load("camera.js");
const { Explainer } = await load("cell.js");
const data = JSON.parse(readFileSync(`${folder}/network.json`, "utf8"));
const request = JSON.parse(readFileSync(0, "utf8"));
const size = Object.values(data.sizes).find(({ cells }) => cells === cellFile);
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const net = await Network.load(readFileSync(`${folder}/${wasm}`), size.rows, size.columns);
const answer = { hashes: [], restored: [], yuv: [], cells: [], levels: [] };

const folded = (picture) => {
  const stem = data.stem, side = 3 * stem, row = size.columns * 3, kept = new Int8Array(picture.length);
  for (let k = 0; k < picture.length; k++) {
    const y = Math.floor(k / row), x = k % row;
    kept[(Math.floor(y / stem) * (row / side) + Math.floor(x / side)) * side * stem + (y % stem) * side + (x % side)] = data.levels[picture[k]];
  }
  return kept;
};
let picture, restored, frame;
for (const text of request.frames ?? []) {
  frame = bytes(text);
  restored = net.run(frame);
  picture = camera.unpackYuv(frame, data.camera.unpack);
  net.tensors.set(data.input, folded(picture));
  answer.hashes.push((await hashOf(net.tensors, restored)).hash);
}
if (request.cells) {
  const explainer = new Explainer(JSON.parse(readFileSync(`${folder}/${cellFile}`, "utf8")), readFileSync(`${folder}/weights.bin`).buffer);
  explainer.look({ tensors: net.tensors, picture, restored, camera: frame });
  for (const [tensor, ...place] of request.cells) answer.cells.push(explainer.cell(tensor, place));
}
for (const text of request.pictures ?? []) {
  const given = bytes(text);
  answer.yuv.push(Buffer.from(camera.packYuv(given, data.camera.pack)).toString("base64"));
  answer.restored.push(Buffer.from(net.runPicture(camera.throughRgb565(given))).toString("base64"));
}
if (request.photo) {
  const { addResidual } = await load("network.js"), { width, height, rgba } = request.photo;
  const given = new Uint8ClampedArray(bytes(rgba));
  answer.photo = Buffer.from(addResidual(given, width, height, { picture, restored, ...size }, data.curve)).toString("base64");
}
for (const light of request.lights ?? []) {
  const sensor = new camera.Sensor(data.sensor, light);
  const moments = sensor.levels.map(({ first, upTo }) => {
    const chances = Array.from(upTo, (end, k) => end - (k ? upTo[k - 1] : 0));
    const mean = chances.reduce((sum, chance, k) => sum + chance * (first + k), 0);
    return [mean, chances.reduce((sum, chance, k) => sum + chance * (first + k - mean) ** 2, 0)];
  });
  answer.levels.push(moments);
}
console.log(JSON.stringify(answer));
