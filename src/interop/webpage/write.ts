import page from 'virtual:webpage';
import { bitsPerCharacter, figureOf } from '../../data/measure.ts';
import { FileError } from '../../files/error.ts';
import { encodeModelFile, type ModelFile } from '../../files/model-file.ts';
import { dataElement, networkElement } from '../../files/webpage.ts';
import { describeLoss, formatBytes, formatCount, networkName } from '../../format.ts';
import { predictsItsInput } from '../../model/configuration.ts';
import { learnedCount, parameterLayout } from '../../model/parameters.ts';
import { defaultConfiguration } from '../../training/configuration.ts';

/**
 * A web page that holds a network and writes with it, without any other file. Of a training it has the network as it stands
 * after its last step, which is what a training page writes with, and so writes the same.
 *
 * @param name what it is called, where its file does not say what it has learned
 * @throws FileError if it is a network that does not write
 */
export async function writeWebpage(file: ModelFile, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const { model, vocabulary, classes, training } = file;
  if (vocabulary === undefined || classes !== undefined || !predictsItsInput(model)) {
    throw new FileError(
      'Only a network that has learned a text becomes a web page, which writes with it: choose another format.',
    );
  }
  const { step = 0, configuration = defaultConfiguration } = training ?? {};
  const network = { model, vocabulary, parameters: training?.averaged ?? training?.parameters ?? file.parameters };
  const [plain, relaxed] = await Promise.all([
    import('virtual:cpu-kernels/plain'),
    import('virtual:cpu-kernels/relaxed'),
  ]);
  const { cell, layers, hiddenSize: hidden } = model;
  const contents: Readonly<Record<string, string>> = {
    policy: page.policy,
    style: `<style>${page.style}</style>`,
    script: `<script>${page.script}</script>`,
    title: escaped(training?.dataset.name ?? name),
    about: escaped(`A text as a network writes it: ${networkName({ cell, layers, hidden })}${afterSteps(step)}.`),
    step: String(step),
    prime: escaped(configuration.prime),
    temperature: String(configuration.temperature),
    seed: String(configuration.seed),
    facts: facts(file)
      .map(([term, fact]) => `<div><dt>${escaped(term)}</dt><dd>${escaped(fact)}</dd></div>`)
      .join(''),
    plain: dataElement('kernels-plain', plain.default),
    relaxed: dataElement('kernels-relaxed', relaxed.default),
    network: networkElement(encodeModelFile(network)),
  };
  const filled = page.page.replace(/\{(\w+)\}/g, (place, name: string) => contents[name] ?? place);
  return new TextEncoder().encode(filled);
}

const afterSteps = (step: number): string => (step > 0 ? `, after ${formatCount(step)} steps` : '');

/** What there is to know of a network, each with what it is called. */
function facts({ model, vocabulary, training }: ModelFile): (readonly [string, string])[] {
  const bits = (loss: number) => describeLoss(figureOf(bitsPerCharacter, loss), bitsPerCharacter);
  const heldOut = training?.course?.heldOut;
  const [loss, last] = [heldOut?.losses.at(-1), training?.course?.last];
  return [
    ['Parameters', `${formatCount(learnedCount(model))}, ${formatBytes(4 * parameterLayout(model).length)}`],
    ['Knows', `${formatCount(vocabulary!.size)} characters`],
    ...(last ? [['Loss at its last step', bits(last.loss)] as const] : []),
    ...(loss === undefined ? [] : [['On text that it never saw', bits(loss)] as const]),
  ];
}

/** A text as it stands in a page, in an attribute too. */
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
