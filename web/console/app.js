/** The console's frame: navigation, the page of the place, and who is signed in. */

import { CodeOffered } from "./codes.js";
import { useLoaded } from "./loading.js";
import { FIRST, PAGES } from "./pages.js";
import { Guard } from "./parts/guard.js";
import { Empty, Loading, Needs } from "./parts/states.js";
import { place, writePlace } from "./router.js";
import { signedIn, signOut } from "./session.js";
import { SignIn } from "./sign_in.js";
import { html, useEffect, useRef } from "../vendor/ui.js";

export function App({ error }) {
  if (signedIn.value === null) return html`<${SignIn} error=${error} /><${CodeOffered} />`;
  return html`<a class="skip" href="#content" onClick=${toContent}>To the content</a>
    <${Navigation} />
    <${Content} />
    <${CodeOffered} />`;
}

function toContent(event) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Navigation() {
  const [current = FIRST] = place.value.path;
  const nav = useRef(/** @type {HTMLElement | null} */ (null));
  // Where the list is longer than the screen is wide.
  useEffect(() => nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }), [current]);
  return html`<header class="bar">
    <a class="brand" href=${writePlace([FIRST])}>Offhook</a>
    <nav ref=${nav} aria-label="Pages of the console">
      ${Object.entries(PAGES).map(([path, { name }]) => html`<a href=${writePlace([path])} aria-current=${path === current ? "page" : undefined}>${name}</a>`)}
    </nav>
    <span class="organization" title="The organization of your API key">${signedIn.value?.me.organization_id}</span>
    <button type="button" title=${signedIn.value?.me.name} onClick=${signOut}>Sign out</button>
  </header>`;
}

function Content() {
  const { path: [name = FIRST, ...path], query } = place.value;
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  /** @type {import("./pages.js").Page | undefined} */
  const page = PAGES[name];
  const loaded = useLoaded(() => (page ? module(page) : Promise.resolve(null)), [name]);
  useEffect(() => {
    document.title = `${page?.name ?? "Not found"} · Offhook`;
    main.current?.focus({ preventScroll: true });
  }, [name]);
  const at = [name, ...path].join("/");
  // A link that was followed is gone with what it stood in: the keyboard goes on at what has come.
  useEffect(() => {
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [at]);
  return html`<main id="content" data-page=${name} ref=${main} tabindex="-1">
    ${page
      ? html`<${Needs} scope=${page.scope}>
          <${Loading} loaded=${loaded}>${({ Page }) => html`<${Guard} key=${name} at=${at}><${Page} path=${path} query=${query} /><//>`}<//>
        <//>`
      : html`<${Empty}>There is no such page. <a href=${writePlace([FIRST])}>To the beginning</a><//>`}
  </main>`;
}

/** Load a page's module; a tab that was open while another release was deployed may find it gone. */
function module(page) {
  return page.load().catch(() => {
    throw new Error("This page could not be loaded: see whether you are online, then reload the console.");
  });
}
