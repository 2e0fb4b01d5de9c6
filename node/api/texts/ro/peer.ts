// Commands on the peer itself: made, joined, run, its users, its audit log, its checks.
import type { peer as english } from '../en/peer.ts';
import type { Texts } from '../types.ts';

export const peer = {
  'init.about': 'creează un nod: chei, configurație, primul administrator, cererea de aderare',
  'init.name': 'denumirea oficială a spitalului',
  'init.country': 'două litere, de exemplu MD',
  'init.done':
    'Nodul {peerId} este pregătit în {data}.\n\nUtilizator     {username}\nParola         {password}   (se arată o singură dată)\nCerere         {joinRequest}\nAmprenta       {fingerprint}\n\nDați cererea de aderare autorității și citiți-i amprenta la telefon. Apoi porniți nodul.',
  'join.about': 'aderă la federație, cu fișierul listei de membri primit de la autoritate',
  'join.done': 'Membru al federației (lista {number}). Amprenta ei, de comparat cu autoritatea: {fingerprint}',
  'start.about': 'rulează nodul până la Ctrl-C',
  'start.init': 'creează mai întâi nodul, dacă dosarul cu date nu are unul',
  'start.first':
    'A fost creat un nod nou în {data}. Intrați ca {username} cu parola {password} (se arată o singură dată).',
  'start.request': 'Pentru a intra într-o federație, dați {joinRequest} autorității ei; amprenta {fingerprint}',
  'start.ready':
    'Nodul lucrează. Portal și API {http}, port DICOM {dimse} (AE title {aeTitle}), alte noduri {p2p}. Ctrl-C îl oprește.',
  'start.stopping': 'Se oprește...',
  'user.about': 'utilizatorii acestui nod',
  'user.add.about': 'creează un utilizator',
  'user.add.done': 'Utilizatorul {username} cu parola {password} (se arată o singură dată)',
  'token.about': 'jetoane de acces pentru programe',
  'token.create.about': 'creează un jeton de acces',
  'token.create.done': '{token}',
  'token.name': 'la ce servește jetonul',
  'audit.about': 'ce s-a făcut cu datele pacienților',
  'audit.show.about': 'arată înregistrările',
  'audit.from': 'numărul primei înregistrări de arătat',
  'audit.patient': 'id-ul fișei pacientului sau un identificator',
  'audit.verify.about': 'verifică dacă nimic nu a fost modificat sau șters',
  'audit.verify.ok': 'Jurnalul este intact: {entries} înregistrări, capătul {head}',
  'audit.verify.bad': 'Jurnalul nu este intact: păstrați-l ca probă și anunțați autoritatea.',
  'doctor.about':
    'verifică porturile, legăturile, ceasul, discul, lista de membri, păstrătorii și înregistrările; spune ce e de făcut',
  'doctor.head': 'Verificare|Bine|Ce e de făcut',
  'doctor.running': 'funcționare',
  'doctor.ports': 'porturi',
  'doctor.ports.found': 'HTTP la {http}, DICOM la {dimse}, alte noduri la {addresses} adrese',
  'doctor.ports.todo': 'Nicio adresă pentru alte noduri: indicați p2p.listen în peer.json.',
  'doctor.clock': 'ceas',
  'doctor.clock.found': 'Ceasul pare corect.',
  'doctor.clock.todo': 'Potriviți ceasul: cererile sunt refuzate când diferența ajunge la 10 minute.',
  'doctor.disk': 'disc',
  'doctor.disk.found': 'Spațiu liber: {free} GB.',
  'doctor.disk.todo': 'Spațiu liber: doar {free} GB. Eliberați spațiu sau micșorați storage.minFreeBytes.',
  'doctor.roster': 'lista de membri',
  'doctor.roster.found': 'Lista {number}, valabilă încă {days} zile.',
  'doctor.roster.todo': 'Lista de membri expiră peste {days} zile: cereți autorității lista următoare.',
  'doctor.roster.none':
    'Dați join-request.cbor autorității federației, apoi rulați join cu fișierul listei primit de la ea.',
  'doctor.reachability': 'legături',
  'doctor.reachability.found': 'Conectați {connected} din {others} alți membri.',
  'doctor.reachability.todo':
    'Niciun alt membru nu este conectat: verificați dacă acest calculator ajunge la ei și dacă ei ajung la portul lui p2p.',
  'doctor.keepers': 'păstrători',
  'doctor.keepers.found': 'Disponibili {inReach} din {keepers} păstrători ai cheii; sunt necesari {needed}.',
  'doctor.keepers.todo':
    'Disponibili doar {inReach} din {keepers} păstrători ai cheii, dar sunt necesari {needed}: pacienții nu pot fi căutați până nu revin mai mulți.',
  'doctor.keepers.none': 'Încă nu există păstrători ai cheii: autoritatea îi numește cu federation keepers.',
  'doctor.records': 'înregistrări',
  'doctor.records.found':
    'Înregistrări păstrate peste tot: {full}; pe mai puține noduri: {partly}; în așteptare: {nowhere}.',
  'doctor.records.todo':
    'Înregistrări care expiră curând sau n-au fost păstrate niciodată: {alarms}. Conectați-vă la mai mulți membri.',
} as const satisfies Texts<typeof english>;
