/** Runs before anything is painted, so that nothing flashes: marks that scripts run, and applies the theme that was chosen in this browser. */

{
  document.documentElement.classList.add('scripted');
  let chosen = null;
  try {
    chosen = localStorage.getItem('theme');
  } catch {
    // Storage is blocked: the system's theme applies.
  }
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
}
