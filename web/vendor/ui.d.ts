export { Component, createContext, Fragment, h, render } from "preact";
export { useContext, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
export type { Signal, ReadonlySignal } from "@preact/signals";
export type { ComponentChildren, VNode } from "preact";
export const html: (strings: TemplateStringsArray, ...values: unknown[]) => import("preact").VNode;
