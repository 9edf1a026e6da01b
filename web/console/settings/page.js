/** Settings: a part for each kind of thing that an organization owns, beside a list of them. */

import { ApiKeys } from "./api_keys.js";
import { Carrier } from "./carrier.js";
import { Credentials } from "./credentials.js";
import { DoNotCall } from "./do_not_call.js";
import { Knowledge } from "./knowledge.js";
import { Limits } from "./limits.js";
import { Tools } from "./tools.js";
import { Webhooks } from "./webhooks.js";
import { Empty, Needs } from "../parts/states.js";
import { writePlace } from "../router.js";
import { html, useEffect, useRef } from "../../vendor/ui.js";

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {import("../session.js").Me["scopes"][number]} scope
 * @property {(properties: any) => unknown} Shown gets the parts of the place after it, as `path`, and its `query`
 */

/** @type {Record<string, Part>} by the part of the place that leads there */
const PARTS = {
  // Names of an object's own kind are no parts.
  __proto__: /** @type {any} */ (null),
  carrier: { name: "Carrier and numbers", scope: "telephony:read", Shown: Carrier },
  keys: { name: "API keys", scope: "api-keys:read", Shown: ApiKeys },
  tools: { name: "Tools", scope: "organization:read", Shown: Tools },
  credentials: { name: "Credentials", scope: "organization:read", Shown: Credentials },
  knowledge: { name: "Knowledge", scope: "organization:read", Shown: Knowledge },
  limits: { name: "Limits", scope: "organization:read", Shown: Limits },
  "do-not-call": { name: "Do not call", scope: "organization:read", Shown: DoNotCall },
  webhooks: { name: "Webhook secret", scope: "organization:write", Shown: Webhooks },
};

export function Page({ path: [name = "carrier", ...path], query }) {
  const content = useRef(/** @type {HTMLElement | null} */ (null));
  const nav = useRef(/** @type {HTMLElement | null} */ (null));
  const isFirst = useRef(true);
  /** @type {Part | undefined} */
  const part = PARTS[name];
  useEffect(() => {
    document.title = `${part?.name ?? "Not found"} · Settings · Offhook`;
    // Whoever comes from another page is at the beginning of this one already.
    if (!isFirst.current) content.current?.focus();
    isFirst.current = false;
    // Where the list is a line that is longer than the screen.
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [name, ...path]);
  return html`<div class="settings">
    <nav ref=${nav} aria-label="Settings">
      ${Object.entries(PARTS).map(([to, { name: label }]) => html`<a href=${writePlace(["settings", to])} aria-current=${to === name ? "page" : undefined}>${label}</a>`)}
    </nav>
    <section ref=${content} tabindex="-1" aria-label=${`Settings: ${part?.name ?? "not found"}`}>
      ${part
        ? html`<${Needs} scope=${part.scope}><${part.Shown} key=${[name, ...path].join("/")} path=${path} query=${query} /><//>`
        : html`<h1>Not found</h1><${Empty}>There is no such part of the settings. <a href=${writePlace(["settings"])}>To the first</a><//>`}
    </section>
  </div>`;
}
