import { instantiateKernels } from './kernels.ts';
import { Member } from './member.ts';
import { pagesFor, planMemory } from './memory.ts';
import type { Answer, Message } from './protocol.ts';

/**
 * A worker's whole life: opens sessions, does their jobs, one message after the other. Every message but `close` has
 * its answer.
 *
 * @returns what to do with each message that comes in
 */
export function serve(answer: (answer: Answer) => void): (message: Message) => void {
  const members = new Map<number, Member>();

  async function open(message: Message & { kind: 'open' }): Promise<undefined> {
    const plan = planMemory(message.model, message.capacity, message.members);
    const memory = message.memory ?? new WebAssembly.Memory(pagesFor(plan.bytes));
    const kernels = await instantiateKernels(message.kernels, memory);
    members.set(message.session, new Member(kernels, plan, message.member, memory.buffer));
  }

  function handle(message: Message): unknown {
    switch (message.kind) {
      case 'open':
        return open(message);
      case 'job':
        return members.get(message.session)!.run(message.job);
      case 'close':
        return members.delete(message.session);
    }
  }

  // One after the other: opening takes a moment, and what comes in meanwhile waits.
  let last: Promise<unknown> = Promise.resolve();
  return (message) => {
    last = last.then(async () => {
      try {
        const result = await handle(message);
        if (message.kind !== 'close') answer({ result });
      } catch (error) {
        answer({ error: (error as Error).message });
      }
    });
  };
}
