// This peer: its store and vault, what its users name, HTTP.
import type { ErrorTexts } from '../../types.ts';

export const peer: ErrorTexts<'peer'> = {
  'store/locked': 'Dosarul cu date este folosit de alt proces; opriți-l sau folosiți alt dosar cu --data.',
  'store/unreadable':
    'Baza de date din dosarul cu date nu poate fi deschisă; verificați discul și drepturile sau restaurați o copie de rezervă.',
  'store/corrupt':
    'Ceva din ce este păstrat nu trece verificarea; rulați scrub și restaurați dintr-o copie de rezervă sau de la alt nod.',
  'store/object-missing':
    'Un obiect păstrat nu mai este acolo; rulați scrub și restaurați-l dintr-o copie de rezervă sau de la alt nod.',
  'store/full': 'Discul este plin sau sub storage.minFreeBytes; eliberați spațiu, apoi trimiteți din nou.',
  'store/format': 'Dosarul cu date a fost scris de o versiune mai nouă; instalați acea versiune.',
  'vault/missing': 'În acest dosar cu date nu este niciun nod; rulați mai întâi init sau indicați alt dosar cu --data.',
  'vault/readable':
    'Fișierul seifului poate fi citit de alții pe acest calculator; faceți-l citibil doar pentru proprietar (chmod 600).',
  'vault/passphrase':
    'Fraza de acces lipsește sau este greșită; puneți în DICOMNET_PASSPHRASE pe cea folosită la init.',
  'patient/unknown': 'Aici nu există o astfel de fișă de pacient; vedeți lista afișată de patients.',
  'study/unknown':
    'Aici nu se păstrează niciun studiu cu acest Study Instance UID; căutați-l în portal sau prin QIDO-RS.',
  'peer/not-running':
    'Niciun nod nu rulează pe acest dosar cu date; porniți-l cu: npm run -s dicomnet -- start --data DIR (sau npm start pentru ./data).',
  'peer/answer':
    'Nodul a răspuns într-un mod pe care această comandă nu îl înțelege; folosiți aceeași versiune pentru ambele.',
  'peer/exists': 'În acest dosar cu date există deja un nod; folosiți alt dosar cu --data.',
  'file/missing': 'Nu există un astfel de fișier sau dosar; verificați calea.',
  'file/unreadable': 'Fișierul sau dosarul nu poate fi citit sau scris; verificați drepturile și felul lui.',
  'file/exists': 'Există deja un fișier cu acest nume; indicați un dosar gol.',
  'cli/misuse': 'Linia de comandă nu este corectă; adăugați --help ca să vedeți ce primește comanda.',
  'cli/failed': 'A eșuat ceva ce nu ar fi trebuit; rulați din nou cu DICOMNET_LOG=debug și raportați ce se afișează.',
  'config/invalid': 'Configurația peer.json nu este valabilă; corectați cheia numită.',
  'user/exists': 'Există deja un utilizator cu acest nume.',
  'http/unauthorized': 'Autentificați-vă sau trimiteți un jeton valabil ca Authorization: Bearer.',
  'http/forbidden': 'Rolul dumneavoastră nu permite aceasta; întrebați un administrator.',
  'http/not-found': 'La această adresă nu este nimic.',
  'http/invalid': 'Cererea HTTP nu este valabilă.',
  'http/internal': 'Nodul a eșuat dintr-o eroare proprie; jurnalul lui spune cum.',
  'http/too-large': 'Cererea este mai lungă decât primește această rută.',
  'http/media-type': 'Corpul are alt tip media decât primește această rută.',
  'http/not-acceptable':
    'Aceasta nu poate fi dată în tipul media sau în sintaxa de transfer cerută; cereți așa cum este păstrat (transfer-syntax=*).',
  'http/too-many': 'De la această adresă au venit prea multe cereri; așteptați puțin.',
  'http/frames': 'Instanța nu are un astfel de cadru care să poată fi citit separat; cereți instanța întreagă.',
  'http/range': 'Intervalul de octeți cerut nu există.',
  'http/multipart':
    'Corpul multipart nu respectă RFC 2046 sau are părți mai lungi decât se permite; trimiteți-l din nou.',
};
