// Studies on their way here.
import { Type } from 'typebox';
import { must } from '../../../protocol/errors.ts';
import { closed, WithId } from '../../api/schemas.ts';
import type { TransferView } from '../../exchange/transfer/transfers.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const Part = closed({ done: Type.Integer(), total: Type.Integer() });
const Transfer = closed({
  id: Type.String(),
  request: Type.String(),
  state: Type.String(),
  code: Type.Optional(Type.String()),
  objects: Part,
  bytes: Part,
  rate: Type.Number({ description: 'Bytes a second.' }),
  secondsLeft: Type.Optional(Type.Number()),
  firstObjectMs: Type.Optional(Type.Number()),
  at: Type.Integer({ description: 'When the grant came, unix ms.' }),
  ended: Type.Optional(Type.Integer({ description: 'Unix ms.' })),
});
const tags = ['exchange'];

export function transferRoutes(server: Server, { transfers }: HttpParts): void {
  const list = { summary: 'Transfers, latest first.', tags, response: answers(Type.Array(Transfer)) };
  server.get('/transfers', { schema: list, config: { needs: 'status' } }, () => transfers.list().map(shown));

  const one = { summary: 'One transfer.', tags, params: WithId, response: answers(Transfer) };
  server.get('/transfers/:id', { schema: one, config: { needs: 'status' } }, (request) => {
    const found = transfers.get(request.params.id);
    must(found !== undefined, 'http/not-found');
    return shown(found);
  });
}

const shown = (view: TransferView) => {
  const { id, request, state, code, objects, bytes, rate, secondsLeft, firstObjectMs, at, ended } = view;
  return { id, request, state, code, objects, bytes, rate, secondsLeft, firstObjectMs, at, ended };
};
