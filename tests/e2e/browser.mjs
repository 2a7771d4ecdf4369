// Tests the pages of the mock in headless Chromium.
// usage: node browser.mjs BASE_URL CHROMIUM SCREENSHOTS
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [base, executablePath, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const troubles = [];

// Opens a tab and records its errors. Planted scripts would set `planted`, and planted
// markup would add an element with that class.
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  const tab = await context.newPage();
  tab.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(`${path}: ${message.text()}`);
  });
  tab.on("pageerror", (error) => troubles.push(`${path}: ${error}`));
  await tab.goto(base + path);
  return tab;
}
async function unharmed(tab) {
  assert.equal(await tab.evaluate(() => window.planted), undefined, `a planted script ran on ${tab.url()}`);
  assert.equal(await tab.locator(".planted").count(), 0, `planted markup is an element on ${tab.url()}`);
}
const hits = (tab, target) => tab.locator(".row", { hasText: target }).first().locator(".hits b").innerText();

// The list of examples, and its search while typing.
const list = await open("/__docproof/");
const all = await list.locator(".row").count();
assert.ok(all > 5, `${all} examples are listed`);
assert.equal(await hits(list, "/e2e/planted"), "0");
await list.getByLabel("Search").pressSequentially("e2e/planted");
await list.waitForFunction((all) => document.querySelectorAll(".row").length < all, all);
assert.equal(await list.locator(".row").count(), 1);
assert.equal(new URL(list.url()).searchParams.get("q"), "e2e/planted");
await unharmed(list);

// The same form without scripts.
const plain = await open("/__docproof/", { javaScriptEnabled: false });
await plain.getByLabel("Search").fill("e2e/planted");
await plain.getByRole("button", { name: "Search" }).click();
assert.equal(await plain.locator(".row").count(), 1);

// The open log shows new requests.
const log = await open("/__docproof/log");
const before = await log.locator(".entry").count();
const markup = "<script>planted=1</script><img class=planted src=x onerror=planted=1>";
const answer = await fetch(`${base}/e2e/planted`, { headers: { "user-agent": markup } });
assert.equal(answer.status, 200);
await fetch(`${base}/e2e/${encodeURIComponent(markup)}?q="'><b%20class=planted>`, { headers: { prefer: markup } });
await log.waitForFunction((least) => document.querySelectorAll(".entry").length >= least, before + 2);
await log.locator(".entry", { hasText: "/e2e/planted" }).getByText("matched by").first().waitFor();
await log.locator(".entry.refused").first().waitFor();
await unharmed(log);

// The hits have increased, and a case shows its example.
await list.goto(`${base}/__docproof/?q=e2e/planted`);
assert.equal(await hits(list, "/e2e/planted"), "1");
await list.locator(".row .target").first().click();
await list.getByText("window.planted").first().waitFor();
await unharmed(list);
assert.match(await list.locator("pre[aria-labelledby=curl]").innerText(), /^curl /);

// Screenshots of both themes and of a phone.
for (const [name, options] of Object.entries({
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { colorScheme: "light", viewport: { width: 390, height: 800 } },
})) {
  for (const [page, path] of [
    ["examples", "/__docproof/"],
    ["log", "/__docproof/log"],
    ["case", new URL(list.url()).pathname + new URL(list.url()).search],
  ]) {
    const tab = await open(path, options);
    await unharmed(tab);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${page} is ${wide} px too wide (${name})`);
    await tab.screenshot({ path: `${folder}/${page}-${name}.png` });
    await tab.context().close();
  }
}
assert.deepEqual(troubles, [], "the browser reports errors");
await browser.close();
