// Orders for imaging: posted as FHIR R4 or HL7 v2, listed, looked at, cancelled. Scanners see them as their worklist.
import type { FastifyRequest } from 'fastify';
import { concat, hex, uintBytes, unhex } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import type { Principal } from '../../access/roles.ts';
import { orders as api, hl7Types } from '../../api/orders.ts';
import { dicomMoment } from '../../system/machine.ts';
import { fhirOrders, parseFhir } from '../../worklist/fhir-orders.ts';
import { hl7Answer, hl7Orders } from '../../worklist/hl7-orders.ts';
import type { NewOrder, Order } from '../../worklist/order.ts';
import { may, who } from '../auth.ts';
import { afterOf, limitOf, type PlacedRow, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

/** Must be registered in a context of its own: it takes bodies as bytes. */
export function orderRoutes(server: Server, parts: HttpParts): void {
  const { orders, acts } = parts;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser([...api.place.body.types], { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  serve(server, api, {
    place: async ({ request, reply, by }) => {
      const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
      const body = new Uint8Array((request.body as Buffer | undefined) ?? []);
      const isHl7 = hl7Types.some((each) => each === type);
      // an HL7 sender reads acknowledgements; who asks for JSON gets what FHIR senders get
      if (isHl7 && !(request.headers.accept ?? '').includes('application/json')) {
        const { answer, failed } = await takeHl7(parts, body, by);
        return reply
          .code(failed?.row.http ?? 200)
          .type(type)
          .send(Buffer.from(answer));
      }
      const given = isHl7 ? hl7Orders(body).orders : fhirOrders(parseFhir(body), parts.issuerOf);
      return { orders: (await take(parts, given, by)).map(shown) };
    },
    list: async ({ query, by, request }) => {
      await acts.listed('orders', by);
      const seen = [...orders.all()].flatMap((order) => seenBy(request, order) ?? []);
      const all = seen.filter(({ status }) => query.status === undefined || status === query.status);
      const { rows, ...rest } = await pageOf(behind(all, afterOf(query, placeBytes)), limitOf(query));
      return { ...rest, rows: rows.map(shown), total: all.length };
    },
    get: async ({ params, by, request }) => {
      const order = seenBy(request, orders.get(params.id));
      must(order !== undefined, 'http/not-found');
      await acts.orderOpened(nameOf(order), by);
      return shown(order);
    },
    cancel: async ({ params, by, request }) => {
      must(seenBy(request, orders.get(params.id)) !== undefined, 'http/not-found');
      return shown(await orders.cancel(params.id, noting(parts, by)));
    },
  });
}

/** An order as who calls may see it: a device, whose token has its AE title as name, sees what its worklist has. */
function seenBy(request: FastifyRequest, order: Order): Order | undefined {
  if (may(request, 'view')) return order;
  const steps = order.steps.filter(({ station = who(request).name }) => station === who(request).name);
  return steps.length === 0 ? undefined : { ...order, steps };
}

/** When it was ordered, and its id. */
const placeBytes = 8 + 16;

async function* behind(all: readonly Order[], after: Uint8Array | undefined): AsyncGenerator<PlacedRow<Order>> {
  const placed = all.map((row) => ({ place: concat(uintBytes(row.ordered, 8), unhex(row.id)), row }));
  for (const each of placed.sort((a, b) => Buffer.compare(a.place, b.place))) {
    if (after === undefined || Buffer.compare(each.place, after) > 0) yield each;
  }
}

const take = (parts: HttpParts, given: readonly NewOrder[], by: Principal): Promise<Order[]> =>
  parts.orders.take(given, noting(parts, by));

/** Writes down what is about to become of orders. */
const noting =
  ({ acts }: HttpParts, by: Principal) =>
  async (orders: readonly Order[]): Promise<void> => {
    const note = (order: Order) => (order.status === 'discontinued' ? acts.orderCancelled : acts.orderPlaced);
    await Promise.all(orders.map((order) => note(order)(nameOf(order), by)));
  };

/** The acknowledgement is the answer, also when the message is refused. */
async function takeHl7(parts: HttpParts, body: Uint8Array, by: Principal) {
  const context = { at: momentOf(parts), id: hex(parts.random(8)) };
  try {
    await take(parts, hl7Orders(body).orders, by);
    return { answer: hl7Answer(body, context), failed: undefined };
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return { answer: hl7Answer(body, context, error), failed: error };
  }
}

function momentOf({ clock }: HttpParts): string {
  const { date, time } = dicomMoment(clock.now());
  return `${date}${time}`;
}

/** The audit log's name for the patient of an order who may have nothing here yet. */
const nameOf = ({ patient, studyUid }: Order) => ({
  uid: studyUid,
  patient: `${patient.issuer ?? ''}|${patient.id}`,
});

const shown = ({ key: _key, steps, code: _code, ward: _ward, ...order }: Order) => ({
  ...order,
  steps: steps.map(({ protocol: _protocol, stationName: _name, location: _location, ...step }) => step),
});
