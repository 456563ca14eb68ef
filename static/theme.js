/** Before anything is painted, so that nothing flashes: that scripts run here, and light or dark where somebody has chosen it in this browser. */

{
  document.documentElement.classList.add('scripted');
  let chosen = null;
  try {
    chosen = localStorage.getItem('theme');
  } catch {
    // Storage is blocked here: the system decides.
  }
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
}
