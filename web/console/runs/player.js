/** The recording as it plays: the browser streams it by its link, in parts, and never decodes it whole. */

import { signal } from "../../vendor/ui.js";

/** One `<audio>` and where it is; everything that follows the sound, or seeks it, has this. */
export class Player {
  constructor() {
    /** Where it is, in seconds. */
    this.position = signal(0);
    this.isPlaying = signal(false);
    /** @type {HTMLAudioElement | null} */
    this._audio = null;
    this._frame = 0;
  }

  /**
   * Follow an element, from where the player is, and playing if the one before it did.
   * @param {HTMLAudioElement} audio
   * @returns {() => void} what lets go of it
   */
  attach(audio) {
    const controller = new AbortController();
    const on = (names, act) => names.forEach((name) => audio.addEventListener(name, act, { signal: controller.signal }));
    this._audio = audio;
    on(["timeupdate", "seeking", "seeked"], () => this._look());
    on(["play", "playing"], () => this._follow());
    on(["pause", "ended"], () => this._rest());
    if (this.position.peek()) audio.currentTime = this.position.peek();
    if (this.isPlaying.peek()) audio.play().catch(() => this._rest());
    return () => {
      controller.abort();
      cancelAnimationFrame(this._frame);
      this._audio = null;
    };
  }

  /**
   * Go to a moment; with `plays` it is heard at once.
   * @param {number} seconds
   * @param {{ plays?: boolean }} [options]
   */
  seek(seconds, { plays = false } = {}) {
    const audio = this._audio;
    const last = audio && Number.isFinite(audio.duration) ? audio.duration : Infinity;
    this.position.value = Math.min(Math.max(0, seconds), last);
    if (!audio) return;
    audio.currentTime = this.position.value;
    // Refused where the browser wants a click first: then the place is right, and one more press plays it.
    if (plays) audio.play().catch(() => {});
  }

  toggle() {
    if (this._audio?.paused) this._audio.play().catch(() => {});
    else this._audio?.pause();
  }

  _look() {
    if (this._audio) this.position.value = this._audio.currentTime;
  }

  /** While it plays, each frame of the screen looks where it is. */
  _follow() {
    this.isPlaying.value = true;
    cancelAnimationFrame(this._frame);
    const look = () => {
      this._look();
      this._frame = requestAnimationFrame(look);
    };
    look();
  }

  _rest() {
    cancelAnimationFrame(this._frame);
    this.isPlaying.value = false;
    this._look();
  }
}
