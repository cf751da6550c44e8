// Pages that kubevouch wrote, by html-validate, axe-core (in Chromium: 1280 and 390 pixels wide, light and dark, as they open and with every part
// unfolded) and the Nu checker: check.mjs MODULES CHROMIUM PAGE...   JAVA= leaves the Nu checker out. Each fault is a line; exit 1 if there is one.
// A page of many elements is looked at once, and for contrast of colours only in the small ones, which have the same style sheet: axe takes minutes
// for it. PICTURES=DIR keeps what the browser showed.
import { createRequire } from "node:module";
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [modules, chromium, ...pages] = process.argv.slice(2);
const require = createRequire(path.resolve(modules, "package.json"));
let faults = 0;
const fault = (page, by, text) => {
  if (faults++ < 200) console.log(`${page}: ${by}: ${text}`);
};

async function validate(page) {
  const { HtmlValidate, FileSystemConfigLoader } = require("html-validate");
  const loader = new FileSystemConfigLoader({ root: true, extends: ["html-validate:recommended", "html-validate:a11y"] });
  const report = await new HtmlValidate(loader).validateFile(page);
  for (const r of report.results) for (const m of r.messages) fault(page, "html-validate", `${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
}

function nu(java) {
  const jar = path.join(path.dirname(require.resolve("vnu-jar/package.json")), "build/dist/vnu.jar");
  const p = spawnSync(java, ["-Xss4m", "-jar", jar, "--format", "json", "--stdout", ...pages], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (p.error || !p.stdout.startsWith("{")) throw new Error(`the Nu checker did not run: ${p.error ?? p.stdout + p.stderr}`);
  for (const m of JSON.parse(p.stdout).messages) if (m.type !== "info" || m.subType === "warning") fault(new URL(m.url).pathname, "Nu", `${m.lastLine}:${m.lastColumn} ${m.message}`);
}

// Whether a reader must move the page sideways; tables may, inside their own frame.
const overflows = () => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1;

const MANY = 8000;

async function look(browser, page) {
  const tab = await browser.newPage();
  const loaded = [];
  tab.on("request", (r) => /^(file|data):/.test(r.url()) || loaded.push(r.url()));
  tab.on("console", (m) => fault(page, "console", m.text()));
  await tab.setBypassCSP(true); // the page's own policy forbids axe as well
  for (const [width, scheme] of [[1280, "light"], [390, "dark"], [1280, "dark"], [390, "light"]]) {
    await tab.setViewport({ width, height: 900 });
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await tab.goto(pathToFileURL(page).href);
    const many = (await tab.evaluate(() => document.querySelectorAll("*").length)) > MANY;
    if (process.env.PICTURES) await tab.screenshot({ path: path.join(process.env.PICTURES, `${path.basename(path.dirname(page))}-${path.basename(page, ".html")}-${width}-${scheme}.png`) });
    for (const open of [false, true]) {
      const what = `axe ${width} ${scheme}${open ? ", unfolded" : ""}`;
      if (open) await tab.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
      if (await tab.evaluate(overflows)) fault(page, what, "wider than the window");
      if (open && (many || width === 390 || scheme === "dark")) continue;
      if (many && (width !== 1280 || scheme !== "light")) continue;
      await tab.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
      const found = await tab.evaluate((skip) => axe.run(document, { resultTypes: ["violations"], rules: skip ? { "color-contrast": { enabled: false } } : {} }), many);
      for (const v of found.violations) fault(page, what, `${v.id}: ${v.help}: ${v.nodes.length} nodes, such as ${v.nodes[0].target.join(" ")} ${v.nodes[0].failureSummary.replace(/\s+/g, " ")}`);
    }
  }
  for (const url of loaded) fault(page, "network", `asks for ${url}`);
  await tab.close();
}

for (const page of pages) await validate(page);
const puppeteer = require("puppeteer-core");
const browser = await puppeteer.launch({ executablePath: chromium, pipe: true, args: ["--no-sandbox", "--disable-gpu"], protocolTimeout: 600000 });
try {
  for (const page of pages) await look(browser, page);
} finally {
  await browser.close();
}
if (process.env.JAVA) nu(process.env.JAVA);
console.log(`${pages.length} pages, ${faults} faults`);
process.exit(faults ? 1 : 0);
