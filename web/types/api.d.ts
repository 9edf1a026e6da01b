/** What the methods of `web/api.js` take and return, by the paths of the API's own document. */
import type { components, paths } from "./openapi.js";

export type Schemas = components["schemas"];
export type Method = "get" | "post" | "put" | "patch" | "delete";
type Operation = { responses: Record<number, unknown> };

/** The paths that have this method. */
export type PathOf<M extends Method> = { [P in keyof paths]: paths[P][M] extends Operation ? P : never }[keyof paths];

type Content<T> = T extends { content: { "application/json": infer Document } } ? Document : undefined;
type Taken = 200 | 201 | 202 | 204;

/** The document of a reply that is no error. */
export type Reply<M extends Method, P extends PathOf<M>> = paths[P][M] extends { responses: infer R }
  ? Content<R[keyof R & Taken]>
  : never;

type Given<T> = T extends { requestBody?: infer Body } ? Content<Body> : undefined;

/** What a request has beside its path as it stands in the document. */
export interface Options {
  /** Values of the path's places, encoded where they are put in. */
  path?: Record<string, string | number>;
  /** Empty values are left out. */
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  /** The media type of a body that is no JSON, and is sent as it is. */
  mediaType?: string;
  /** The `ETag` of what is edited: where somebody else was quicker, the request is refused with 412. */
  ifMatch?: string;
  signal?: AbortSignal;
}

/** A document with the `ETag` that it came with, empty where there was none. */
export interface Tagged<T> {
  document: T;
  etag: string;
}
