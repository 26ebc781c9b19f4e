// What only the modern era has: asking the client for input by a result.

import { inputRequired } from '@modelcontextprotocol/server';
import { questions, said, text } from './fixture.js';

const requests = {
  sampling: () => inputRequired.createMessage(questions.sampling),
  elicitation: () => inputRequired.elicit(questions.elicitation),
  roots: () => inputRequired.listRoots(),
};
const kinds = Object.keys(requests);
/** It has characters that do not survive a change of encoding. */
const STATE = 'st.ate/with+special=chars "quotes"\n\té\u{1f980}';

/** The answer of `ask`, or what it asks: `kind` of the client, by key, with a state that must come back. */
export function askByResult({ kind }, { inputResponses, requestState }) {
  const state = requestState();
  if (kind === 'rounds') return rounds(inputResponses, state);
  const asked = kind === 'all' ? kinds : [kind];
  if (state === undefined) {
    const inputRequests = Object.fromEntries(asked.map((each) => [each, requests[each]()]));
    return inputRequired({ inputRequests, requestState: STATE });
  }
  if (state !== STATE) throw new Error(`the state came back as ${JSON.stringify(state)}`);
  return text(asked.map((each) => said[each](inputResponses[each])).join(' '));
}

/** Two questions one after the other, and then a round in which nothing is asked. */
function rounds(inputResponses, state) {
  const elicitation = () => ({ elicitation: requests.elicitation() });
  if (state === undefined) return inputRequired({ inputRequests: elicitation(), requestState: 'one' });
  const answer = inputResponses?.elicitation && said.elicitation(inputResponses.elicitation);
  if (state === 'one') return inputRequired({ inputRequests: elicitation(), requestState: `two ${answer}` });
  if (state.startsWith('two')) return inputRequired({ requestState: `three ${state} ${answer}` });
  return text(state);
}
