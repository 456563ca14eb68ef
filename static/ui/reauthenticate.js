/** Asks a person to confirm their identity before a sensitive change. The page below stays as it is, and the request is sent again afterwards. */

import { ApiError } from '../api.js';
import { t } from '../texts.js';
import { html, nothing, render } from '../vendor/lit-html.js';
import { CONFIRMED, channel } from './confirmed.js';

/** @import { Me, Method } from '../types.js' */

/**
 * @typedef {{me: Me | null, path: string, methods: Method[], password: (password: string) => Promise<unknown>}} Question
 *   `path`: of the request in the API; `password`: confirms with a password, and rejects if it is wrong
 */

/** The portal URL of the organisation in a path of the API. @param {Question} question */
function portal({ me, path }) {
  const [, , name] = path.split('?')[0].split('/');
  const organisation = me?.organisations.find(({ id, slug }) => path.startsWith('/organisations/') && [id, slug].includes(name));
  return organisation?.portal_url;
}

/**
 * Shows the dialog until the person has confirmed their identity or cancelled.
 * @param {Question} question
 * @returns {Promise<boolean>} whether they confirmed it
 */
export function confirmIdentity(question) {
  const host = document.createElement('div');
  // The style sheet hides the progress message meanwhile: the page waits for the person.
  host.className = 'asking';
  document.body.append(host);
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const portalUrl = question.methods.includes('saml') ? portal(question) : undefined;
  let [error, busy] = ['', false];
  return new Promise((resolve) => {
    const news = channel();
    /** @param {boolean} confirmed */
    const end = (confirmed) => {
      news.close();
      host.remove();
      before?.focus();
      resolve(confirmed);
    };
    news.onmessage = ({ data }) => { if (data === CONFIRMED) end(true); };

    /** @param {SubmitEvent} event */
    async function submit(event) {
      event.preventDefault();
      if (busy) return;
      const typed = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get('confirm-password'));
      [error, busy] = ['', true];
      show();
      try {
        await question.password(typed);
        end(true);
      } catch (cause) {
        if (!(cause instanceof ApiError)) throw cause;
        [error, busy] = [cause.message, false];
        show();
        host.querySelector('input')?.focus();
      }
    }

    const passwordForm = () => html`<form class="stack" @submit=${submit}>
      <input hidden type="email" autocomplete="username" .value=${question.me?.person.email ?? ''} readonly>
      <div class="field">
        <label for="confirm-password">${t('confirm-your-password')}</label>
        <input id="confirm-password" name="confirm-password" type="password" required autofocus autocomplete="current-password"
          aria-describedby=${error ? 'confirm-error' : nothing} aria-invalid=${error ? 'true' : nothing}>
        ${error ? html`<p class="error" id="confirm-error" role="alert">${error}</p>` : nothing}
      </div>
      <div class="row">
        <button class="primary" aria-disabled=${busy ? 'true' : nothing}>${t('confirm')}</button>
      </div>
    </form>`;

    const samlLink = () => html`<p><a class="button ${question.methods.includes('password') ? '' : 'primary'}" target="_blank" data-outside
      href="${portalUrl}&fresh=1&return=/confirmed">${t('confirm-with-sso')}</a></p>
      <p class="hint">${t('confirm-new-tab')}</p>`;

    function show() {
      render(html`<dialog aria-labelledby="confirm-title" @close=${() => end(false)}>
        <div class="stack">
          <h2 id="confirm-title">${t('confirm-title')}</h2>
          <p>${t('confirm-lead')}</p>
          ${question.methods.includes('password') ? passwordForm() : nothing}
          ${portalUrl ? samlLink() : nothing}
          <div class="row actions"><button @click=${() => host.querySelector('dialog')?.close()}>${t('cancel')}</button></div>
        </div>
      </dialog>`, host);
    }
    show();
    host.querySelector('dialog')?.showModal();
  });
}
