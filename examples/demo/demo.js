// Shows live which stand-ins ran and what the banner says of the visitor's choice.
const list = document.querySelector("dl");

document.addEventListener("demo:ran", (event) => {
  const cell = document.querySelector(`[data-tracker="${event.detail}"]`);
  cell.textContent = list.dataset.ran;
  cell.classList.add("ran");
});

function show(choices) {
  const { answer, recorded } = choices.current;
  if (answer !== "none") document.querySelector("[data-record]").textContent = `${answer}, ${recorded}`;
}

(window.visitorChoices = window.visitorChoices || []).push((choices) => {
  show(choices);
  for (const name of ["change", "recorded", "unrecorded"]) {
    document.addEventListener(`visitorchoices:${name}`, () => show(choices));
  }
});
