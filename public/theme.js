// Sets the chosen theme before the first paint, so that a dark room stays dark while the page loads.
try {
  const theme = localStorage.getItem("muster.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's choice holds.
}
