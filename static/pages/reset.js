import { post } from '../api.js';
import { field, outcome, submit } from '../ui/form.js';
import { html } from '../vendor/lit-html.js';

/** @param {any} state */
function view(state) {
  const work = submit(state, async ({ password }) => {
    await post('/password-reset/finish', { token: state.query.get('token') ?? '', password });
    state.data.done = true;
    return 'Your password is set. Sign in with it.';
  });
  return html`<div class="narrow card">
    <h1 tabindex="-1">Set your password</h1>
    ${outcome(state)}
    ${state.data.done
      ? html`<p><a class="button primary wide" href="/login" data-outside>Sign in</a></p>`
      : html`<form @submit=${work}>
          ${field(state, { name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password', hint: 'At least 12 characters; a few uncommon words work well.' })}
          <button class="primary wide" ?disabled=${state.busy}>Set password</button>
        </form>`}
  </div>`;
}

/** @type {import('../router.js').Page} */
export const reset = { title: 'Set your password', open: true, view };
