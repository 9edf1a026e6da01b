/** What stands in the place of a page that can't be drawn, such as one of an answer that this release does not know. */

import { Component, html } from "../../vendor/ui.js";

/** Shows its children, or that they can't be shown, until `at` is another place. */
export class Guard extends Component {
  constructor(properties) {
    super(properties);
    this.state = { error: /** @type {Error | null} */ (null) };
  }

  static getDerivedStateFromError(error) {
    return { error };
  }

  componentDidCatch(error) {
    console.error(error);
  }

  componentDidUpdate({ at }) {
    if (this.state.error && at !== /** @type {any} */ (this.props).at) this.setState({ error: null });
  }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return html`<div class="failure" role="alert">
      <p>What was read can't be shown: the console may be older or newer than the install. Reload it. (${error.message})</p>
      <button type="button" onClick=${() => location.reload()}>Reload the console</button>
    </div>`;
  }
}
