// Writes the libraries of web/vendor/: `node local/generated/vendor.mjs DIRECTORY`. Browsers take no bare names of modules,
// and an import map would stand inline, which the pages' policy forbids: so each is one file, with all that it needs.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

const MODULES = {
  ui: `
    import htm from "htm";
    import { h } from "preact";
    export { Component, createContext, Fragment, h, render } from "preact";
    export { useContext, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
    export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
    export const html = htm.bind(h);
  `,
  uplot: `export { default as uPlot } from "uplot";`,
  dagre: `export { Graph, layout } from "@dagrejs/dagre";`,
};
const PACKAGES = ["preact", "@preact/signals", "@preact/signals-core", "htm", "uplot", "@dagrejs/dagre", "@dagrejs/graphlib"];

const into = process.argv[2];
mkdirSync(into, { recursive: true });
for (const [name, contents] of Object.entries(MODULES)) {
  await build({
    stdin: { contents, resolveDir: process.cwd() },
    outfile: join(into, `${name}.js`),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    banner: { js: "// Made by `make vendor` of what LICENCES.txt names." },
  });
}
copyFileSync("node_modules/uplot/dist/uPlot.min.css", join(into, "uplot.css"));
writeFileSync(join(into, "LICENCES.txt"), PACKAGES.map(licence).join("\n"));

function licence(name) {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  const text = readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}
