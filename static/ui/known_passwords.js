/**
 * The choice in the dialog that ends the rights of an operator or a key: the passwords end, too, that were set with links that they received.
 * @param {string} who received the links
 */
export const knownPasswords = (who) => ({
  label: `Also end passwords that were set with links that ${who} received`,
  hint: 'For links that others may have used. These people are signed out, and set a new password by a reset link.',
  query: 'end_passwords=true',
});
