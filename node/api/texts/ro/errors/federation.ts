// Messages, the federation, patient tags, advertisements.
import type { ErrorTexts } from '../../types.ts';

export const federation: ErrorTexts<'federation'> = {
  'cbor/malformed': 'Mesajul nu este CBOR determinist bine format.',
  'cbor/too-long': 'Mesajul este mai lung decât permite felul său.',
  'cbor/too-deep': 'Mesajul are mai multe niveluri sau elemente decât se permite.',
  'field/missing': 'Lipsește un câmp obligatoriu.',
  'field/invalid': 'Un câmp are o valoare care nu este permisă.',
  'crit/unknown': 'Mesajul cere ceva ce această versiune nu înțelege.',
  'kind/unsupported': 'Acest fel de mesaj este cunoscut, dar această versiune nu îl deservește.',
  'kind/unexpected': 'Mesajul este de alt fel decât cel așteptat aici.',
  'version/unsupported': 'Cealaltă parte folosește o versiune care nu este acceptată; actualizați-o.',
  'envelope/signature': 'Semnătura nu corespunde mesajului.',
  'envelope/signer': 'Mesajul este semnat de altcineva decât ar trebui.',

  'roster/form': 'Lista de membri se contrazice.',
  'roster/lower-number': 'Lista de membri este mai veche decât cea urmată deja.',
  'roster/broken-chain': 'Lista de membri nu o continuă pe cea cunoscută.',
  'roster/too-few-signatures': 'Prea puține autorități au semnat lista de membri; adunați mai multe semnături.',
  'roster/signer-twice': 'O autoritate a semnat lista de membri de două ori; fiecare se numără o dată.',
  'roster/signer-unknown': 'Lista de membri este semnată cu o cheie care nu aparține niciunei autorități a ei.',
  'roster/other-federation': 'Lista de membri aparține altei federații.',
  'roster/index-key': 'Părțile cheii de index din lista de membri nu alcătuiesc o singură cheie.',
  'roster/succession':
    'Un membru își schimbă id-ul nodului fără o succesiune semnată cu cheia veche și fără mențiunea că a fost reemis.',
  'roster/fork':
    'Autoritățile au semnat două liste diferite cu același număr; nimeni nou nu este primit până nu rezolvă situația.',
  'roster/expired':
    'Lista de membri a expirat; cereți autorității una nouă în cel mult 30 de zile, apoi rețeaua se oprește.',
  'roster/none': 'Acest nod nu face încă parte din nicio federație; aderați la una cu fișierul listei ei de membri.',
  'member/unknown': 'Nodul nu este un membru numit în lista actuală.',
  'member/exists': 'Nodul sau membrul se află deja în listă.',
  'member/ambiguous': 'Mai mulți membri poartă acest nume; folosiți id-ul membrului.',
  'card/validity': 'Fișa nodului a expirat, nu este încă valabilă sau cere mai mult de 90 de zile.',
  'card/member': 'Fișa numește alt membru decât cel al cărui nod a semnat-o.',
  'join/card': 'Fișa din cererea de aderare nu este semnată de nodul care cere.',
  'authority/keepers':
    'Ar rămâne mai puțini păstrători decât pragul; împărțiți o cheie de index nouă altor păstrători.',
  'authority/payload': 'Semnăturile de adunat sunt pentru liste diferite.',
  'authority/missing':
    'În acest dosar nu este nicio federație; creați una cu federation create sau indicați alt dosar cu --dir.',
  'authority/exists': 'În acest dosar există deja o federație; folosiți alt dosar cu --dir.',
  'authority/key':
    'Cheia autorității lipsește, este deteriorată sau poate fi citită de alții; restaurați-o și faceți-o citibilă doar pentru proprietar (chmod 600).',
  'authority/pending':
    'Aici a fost deja semnată o altă listă cu acest număr: încheiați-o cu sign și assemble sau spuneți --replace dacă nu va fi publicată niciodată.',
  'authority/busy': 'O altă comandă lucrează cu acest dosar al federației; așteptați să se termine.',
  'authority/threshold':
    'Pragul trebuie să fie mai mult de jumătate din cheile autorității, iar fiecare cheie se numește o singură dată.',
  'authority/card':
    'În fișierul listei nu se află fișa acestui membru, deci partea lui nu poate fi sigilată; alegeți alt păstrător.',
  'authority/file': 'Acesta nu este fișierul cu cheia publică a unei autorități; el se scrie cu federation key.',
  'box/key': 'Cheile pentru sigilare sunt deteriorate sau slabe, deci nu se sigilează nimic pentru ele.',
  'box/unopenable': 'Conținutul sigilat nu este pentru această cheie sau a fost modificat.',
  'box/too-long': 'Este mai mult decât se poate sigila deodată.',

  'tags/point': 'Un element de grup sau un scalar este incorect ori este identitatea.',
  'tags/share': 'Părțile, indicii sau pragul cheii de index ale păstrătorilor nu se potrivesc între ele.',
  'tags/proof': 'Dovada unui păstrător nu corespunde angajamentului său din lista de membri; a fost notat ca vinovat.',
  'tags/generation':
    'Păstrătorul are altă cheie de index sau altă generație a ei; actualizați lista de membri de ambele părți.',
  'tags/no-keepers':
    'Au răspuns prea puțini păstrători pentru a căuta un pacient; încercați din nou sau anunțați spitalele păstrătorilor.',
  'tags/over-quota':
    'Acest spital și-a epuizat deocamdată căutările; așteptați sau cereți autorității o cotă mai mare.',
  'tags/identifier': 'Identificatorul pacientului este gol, prea lung sau conține caractere nepermise.',
  'tags/system': 'Sistemul de identificare nu este un URI pe care această federație îl poate folosi.',
  'tags/keeper-down': 'Un păstrător nu a răspuns la timp.',
  'tags/not-keeper': 'Acest nod nu păstrează nicio parte a acelei chei de index.',

  'advert/size': 'Anunțul nu are una dintre mărimile fixe.',
  'advert/not-member': 'Anunțul nu este semnat de membrul pe care îl numește.',
  'advert/epoch': 'Anunțul este pentru o săptămână care nu se publică acum; verificați ceasul.',
  'advert/expiry': 'Anunțul a expirat sau cere să fie păstrat mai mult decât se permite.',
  'advert/over-quota': 'Cel care publică și-a epuizat locul pe acest nod.',
  'advert/superseded': 'O versiune mai nouă a acestui anunț este deja păstrată.',
  'advert/conflict': 'Un alt anunț cu aceeași versiune este deja păstrat.',
  'advert/rolled-back': 'Un nod a dat o versiune a anunțului mai veche decât cea cunoscută.',
  'advert/wrong-tag': 'Un nod a dat un anunț care nu a fost cerut.',
  'advert/summary': 'Rezumatul nu se deschide cu această cheie sau este deteriorat.',
  'advert/too-large': 'Rezumatul nu încape în cel mai mare anunț.',
  'advert/no-purpose': 'Un rezumat se dă doar pentru un scop și un motiv declarate; indicați-le pe amândouă.',
  'advert/not-addressed': 'Cererea de rezumat este adresată altui spital.',
  'advert/request-time':
    'Cererea de rezumat a fost făcută cu prea mult timp în urmă sau în viitor; verificați ceasurile.',
  'advert/replayed': 'Această cerere de rezumat a mai fost primită; faceți una nouă.',
  'advert/unknown': 'Aici nu este anunțat nimic sub această etichetă.',
  'advert/denied': 'Spitalul nu dă acest rezumat.',
};
