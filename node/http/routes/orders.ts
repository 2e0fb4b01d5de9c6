// Orders for imaging: posted as FHIR R4 or HL7 v2, listed, looked at, cancelled. Scanners see them as their worklist.
import { Type } from 'typebox';
import { hex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { closed, Id, WithId } from '../../api/schemas.ts';
import { dicomMoment } from '../../system/machine.ts';
import { fhirOrders, parseFhir } from '../../worklist/fhir-orders.ts';
import { hl7Answer, hl7Orders } from '../../worklist/hl7-orders.ts';
import type { NewOrder, Order } from '../../worklist/order.ts';
import { who } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const fhirTypes = ['application/fhir+json', 'application/json'];
const hl7Types = ['x-application/hl7-v2+er7', 'application/hl7-v2+er7', 'application/hl7-v2'];

const Status = Type.Union(
  ['requested', 'scheduled', 'in-progress', 'completed', 'discontinued'].map((each) => Type.Literal(each)),
);
const Optional = Type.Optional(Type.String());
const MomentSchema = closed({ date: Type.String(), time: Type.String() });
const Step = closed({
  id: Type.String({ description: 'Scheduled Procedure Step ID.' }),
  status: Status,
  modality: Optional,
  station: Type.Optional(Type.String({ description: 'AE title; any station, if absent.' })),
  start: Type.Optional(MomentSchema),
  performer: Optional,
  description: Optional,
  performed: Type.Array(Type.String({ description: 'SOP Instance UID of a performed procedure step.' })),
});
const OrderSchema = closed({
  id: Id,
  status: Status,
  source: Type.String(),
  placer: Optional,
  filler: Optional,
  accession: Type.String(),
  procedureId: Type.String(),
  studyUid: Type.String({ description: 'Study Instance UID that the images will have.' }),
  patient: closed({ id: Type.String(), issuer: Optional, name: Type.String(), birthDate: Optional, sex: Optional }),
  description: Optional,
  reason: Optional,
  priority: Type.String(),
  referring: Optional,
  requesting: Optional,
  steps: Type.Array(Step),
  ordered: Type.Integer({ description: 'Unix ms.' }),
  changed: Type.Integer(),
  acquired: Type.Optional(Type.Integer({ description: 'When the first images came.' })),
});
const tags = ['orders'];

/** Must be registered in a context of its own: it takes bodies as bytes. */
export function orderRoutes(server: Server, parts: HttpParts): void {
  const { orders } = parts;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    [...fhirTypes, ...hl7Types],
    { parseAs: 'buffer', bodyLimit: limits.orderBytes },
    (_, body, done) => done(null, body),
  );

  const post = {
    summary:
      'Places, changes or cancels orders: FHIR R4 (ServiceRequest, or a Bundle of them), or HL7 v2 (ORM^O01, OMG^O19, OMI^O23).',
    tags,
    consumes: [...fhirTypes, ...hl7Types],
    response: answers(closed({ orders: Type.Array(OrderSchema) }), 201),
  };
  server.post('/orders', { schema: post, config: { needs: 'import' } }, async (request, reply) => {
    const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
    const body = new Uint8Array((request.body as Buffer | undefined) ?? []);
    const isHl7 = hl7Types.includes(type);
    // an HL7 sender reads acknowledgements; who asks for JSON gets what FHIR senders get
    if (isHl7 && !(request.headers.accept ?? '').includes('application/json')) {
      const { answer, failed } = await takeHl7(parts, body, who(request));
      return reply
        .code(failed?.row.http ?? 200)
        .type(type)
        .send(Buffer.from(answer));
    }
    const given = isHl7 ? hl7Orders(body).orders : fhirOrders(parseFhir(body), parts.issuerOf);
    const taken = await take(parts, given, who(request));
    return reply.code(201).send({ orders: taken.map(shown) });
  });

  const querystring = closed({ status: Type.Optional(Status) });
  const list = { summary: 'Orders, oldest first.', tags, querystring, response: answers(Type.Array(OrderSchema)) };
  server.get('/orders', { schema: list, config: { needs: 'view' } }, async (request) => {
    const { status } = request.query;
    await parts.acts.listed('orders', who(request));
    return [...orders.all()].filter((each) => status === undefined || each.status === status).map(shown);
  });

  const one = { summary: 'One order.', tags, params: WithId, response: answers(OrderSchema) };
  server.get('/orders/:id', { schema: one, config: { needs: 'view' } }, async (request) => {
    const order = orders.get(request.params.id);
    await parts.acts.orderOpened(nameOf(order), who(request));
    return shown(order);
  });

  const cancel = { summary: 'Cancels an order.', tags, params: WithId, response: answers(OrderSchema) };
  server.delete('/orders/:id', { schema: cancel, config: { needs: 'import' } }, async (request) => {
    return shown(await orders.cancel(request.params.id, noting(parts, who(request))));
  });
}

type Person = ReturnType<typeof who>;

const take = (parts: HttpParts, given: readonly NewOrder[], by: Person): Promise<Order[]> =>
  parts.orders.take(given, noting(parts, by));

/** Writes down what is about to become of orders. */
const noting =
  ({ acts }: HttpParts, by: Person) =>
  async (orders: readonly Order[]): Promise<void> => {
    const note = (order: Order) => (order.status === 'discontinued' ? acts.orderCancelled : acts.orderPlaced);
    await Promise.all(orders.map((order) => note(order)(nameOf(order), by)));
  };

/** The acknowledgement is the answer, also when the message is refused. */
async function takeHl7(parts: HttpParts, body: Uint8Array, person: Person) {
  const context = { at: momentOf(parts), id: hex(parts.random(8)) };
  try {
    await take(parts, hl7Orders(body).orders, person);
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
