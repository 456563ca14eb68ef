/** What the document says of this installation. */

/** Whether it sends mail. Where it does not, people pass links on themselves. */
export const sendsMail = document.getElementById('app')?.dataset.mail !== 'none';
