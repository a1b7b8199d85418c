import { make, write } from '../dom.ts';
import type { Network } from '../state.ts';
import { Guesses } from './guesses.ts';
import { type Guessable, guessables } from './questions.ts';
import './predict-first.css';

const guesses = new Guesses();

/** Words the questions for a network. @param all whether every panel is to be guessed that has not been shown yet */
export function askAbout(network: Network, all: boolean): void {
  for (const panel of guessables) {
    const { root, ask, name } = panel;
    const label = document.querySelector(`${root} .question label`);
    if (label) write(label, ask(network));
    else if (all && !guesses.of(name)?.shown) hide(panel, network);
    else if (all && !document.querySelector(`${root} .guessed`)) reveal(panel, guesses.of(name)!.guess);
  }
}

/** Hides the panel of a button behind its question, and puts the keyboard in its field. */
export function predictFirst(button: Element, network: Network | null): void {
  const panel = guessables.find(({ root }) => button.closest(root));
  if (panel) hide(panel, network).focus();
}

/** @returns the field for the guess */
function hide({ name, root, place, outcome, ask }: Guessable, network: Network | null): HTMLInputElement {
  const element = document.querySelector(root)!;
  const standing = element.querySelector<HTMLInputElement>('.question input');
  if (standing) return standing;
  element.querySelector('.guessed')?.remove();
  const field = make('input', { type: 'text', id: `guess-${name}`, autocomplete: 'off', spellcheck: 'false' });
  field.value = guesses.of(name)?.guess ?? '';
  const question = make(
    'form',
    { class: 'question' },
    make('label', { for: field.id }, network ? ask(network) : 'What will it show?'),
    field,
    make('button', { type: 'submit' }, 'Show'),
  );
  field.addEventListener('input', () => guesses.keep(name, { guess: field.value, shown: false }));
  question.addEventListener('submit', (event) => {
    event.preventDefault();
    guesses.keep(name, { guess: field.value, shown: true });
    reveal({ root, outcome }, field.value).focus();
  });
  element.querySelector(place)!.before(question);
  element.classList.add('guessing');
  return field;
}

/** Shows a panel, with the guess beside what came out. @returns the guess */
function reveal({ root, outcome }: Pick<Guessable, 'root' | 'outcome'>, guess: string): HTMLElement {
  const element = document.querySelector(root)!;
  element.classList.remove('guessing');
  for (const old of element.querySelectorAll('.question, .guessed')) old.remove();
  const words = guess.trim() === '' ? 'Nothing was guessed.' : `The guess was: ${guess.trim()}`;
  const guessed = make('p', { class: 'guessed', tabindex: '-1' }, make('strong', {}, words), ' What came out:');
  element.querySelector(outcome)!.before(guessed);
  return guessed;
}
