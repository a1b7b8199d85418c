import page from 'virtual:webpage';
import { bitsPerCharacter, figureOf } from '../../data/measure.ts';
import { loadKernels } from '../../engine/cpu/compile.ts';
import { FileError } from '../../files/error.ts';
import { encodeModelFile, type ModelFile } from '../../files/model-file.ts';
import { dataElement, networkElement } from '../../files/webpage.ts';
import { formatBytes, formatCount, formatLoss, networkName } from '../../format.ts';
import { predictsItsInput } from '../../model/configuration.ts';
import { parameterLayout } from '../../model/parameters.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { defaultConfiguration } from '../../training/configuration.ts';
import { inFormOf } from '../../training/prime.ts';

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
  const kernels = async (simd: 'plain' | 'relaxed') =>
    dataElement(`kernels-${simd}`, await loadKernels({ relaxed: simd === 'relaxed', shared: false }));
  const { cell, layers, hiddenSize: hidden } = model;
  const contents: Readonly<Record<string, string>> = {
    policy: page.policy,
    style: `<style>${page.style}</style>`,
    script: `<script>${page.script}</script>`,
    title: escaped(training?.dataset.name ?? name),
    about: escaped(`A text as a network writes it: a ${networkName({ cell, layers, hidden })}${afterSteps(step)}.`),
    step: String(step),
    prime: escaped(primeFor(vocabulary, configuration.prime)),
    temperature: String(configuration.temperature),
    seed: String(configuration.seed),
    facts: facts(file)
      .map(([term, fact]) => `<div><dt>${escaped(term)}</dt><dd>${escaped(fact)}</dd></div>`)
      .join(''),
    plain: await kernels('plain'),
    relaxed: await kernels('relaxed'),
    network: networkElement(encodeModelFile(network)),
  };
  const filled = page.page.replace(/\{(\w+)\}/g, (place, name: string) => contents[name] ?? place);
  return new TextEncoder().encode(filled);
}

const afterSteps = (step: number): string => (step > 0 ? `, after ${formatCount(step)} steps` : '');

/** What there is to know of a network, each with what it is called. */
function facts({ model, vocabulary, training }: ModelFile): (readonly [string, string])[] {
  const parameters = parameterLayout(model).length;
  const bits = (loss: number) =>
    `${formatLoss(figureOf(bitsPerCharacter, loss), bitsPerCharacter)} ${bitsPerCharacter.name}`;
  const heldOut = training?.course?.heldOut;
  const [loss, last] = [heldOut?.losses.at(-1), training?.course?.last];
  return [
    ['Parameters', `${formatCount(parameters)}, ${formatBytes(4 * parameters)}`],
    ['Knows', `${formatCount(vocabulary!.size)} characters`],
    ...(last ? [['Loss at its last step', bits(last.loss)] as const] : []),
    ...(loss === undefined ? [] : [['On text that it never saw', bits(loss)] as const]),
  ];
}

/** What a passage goes on from: the prime of the settings, or if the network does not know it, its first letter. */
function primeFor(vocabulary: Vocabulary, wanted: string): string {
  const prime = inFormOf(vocabulary, wanted);
  if (prime !== '' && vocabulary.knows(prime)) return prime;
  return vocabulary.symbols.find((symbol) => /\p{Lu}/u.test(symbol)) ?? vocabulary.symbols.at(-1)!;
}

/** A text as it stands in a page, in an attribute too. */
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
