// DICOM: reading, searching, DIMSE, other nodes, pixels, de-identification, orders, import.
import type { ErrorTexts } from '../../types.ts';

export const dicom: ErrorTexts<'dicom'> = {
  'dicom/not-dicom': 'Acesta nu este un fișier sau un set de date DICOM.',
  'dicom/truncated': 'Setul de date se termină la mijlocul unui element; trimiteți-l din nou întreg.',
  'dicom/length': 'Un element este mai lung decât elementul sau secvența care îl conține.',
  'dicom/too-deep': 'Secvențele au mai multe niveluri decât se permite.',
  'dicom/too-many': 'Setul de date are mai multe elemente sau fragmente decât se permite.',
  'dicom/malformed': 'Setul de date are un delimitator sau un element acolo unde nu poate fi niciunul.',
  'dicom/transfer-syntax': 'Sintaxa de transfer lipsește, nu este valabilă sau nu este cea a datelor.',
  'dicom/deflate': 'Setul de date comprimat (deflate) nu poate fi decomprimat; trimiteți-l din nou.',
  'dicom/inflates-too-far': 'Setul de date comprimat (deflate) devine mai mare decât se permite.',
  'dicom/uid-missing': 'Lipsește UID-ul clasei SOP, al instanței SOP, al studiului sau al seriei.',
  'dicom/uid-invalid': 'Un UID nu este format din cifre și puncte, cel mult 64 de caractere (PS3.5 9).',
  'dicom/sop-mismatch': 'Setul de date este de altă clasă SOP sau instanță decât s-a anunțat.',
  'dicom/directory': 'Acesta este un DICOMDIR, nu o instanță; importați dosarul în care se află.',
  'dicom/meta': 'Antetul meta al fișierului este stricat sau prea lung.',
  'dicom/unwritable': 'Un atribut are o valoare care nu poate fi scrisă ca DICOM; corectați ce este numit.',
  'dicom/document': 'Documentul nu este de felul declarat sau nu este unul pe care DICOM îl poate conține.',
  'query/key': 'Interogarea folosește un atribut sau o valoare după care nu se poate căuta; corectați ce este numit.',
  'query/hierarchy': 'Interogării îi lipsește cheia unică a unui nivel superior; numiți pacientul, studiul sau seria.',
  'query/too-broad':
    'Căutarea ar trebui să citească prea multe instanțe; restrângeți-o după pacient, studiu, dată sau modalitate.',
  'report/none': 'Instanța nu este un raport structurat; nimic din ea nu poate fi arătat astfel.',
  'report/not-kept': 'Documentul nu a putut fi pus în studiul său și a fost pus deoparte; căutați-l în carantină.',

  'dimse/pdu-type': 'Cealaltă parte a trimis un PDU de un tip pe care DICOM nu îl are.',
  'dimse/pdu-length': 'Cealaltă parte a trimis un PDU cu o lungime care nu este permisă.',
  'dimse/pdu-malformed': 'Cealaltă parte a trimis un PDU care nu respectă PS3.8.',
  'dimse/command-malformed': 'Cealaltă parte a trimis un set de comenzi care nu respectă PS3.7.',
  'dimse/context-unknown': 'Au sosit date într-un context de prezentare care nu a fost acceptat.',
  'dimse/sequence': 'Un mesaj sau un serviciu DIMSE a venit în altă ordine decât cea cuvenită.',
  'dimse/rejected': 'Cealaltă parte a respins asocierea; verificați ambele AE title și lista ei de apelanți cunoscuți.',
  'dimse/aborted': 'Cealaltă parte a întrerupt asocierea.',
  'dimse/closed': 'Conexiunea s-a închis înainte ca asocierea să fie eliberată.',
  'dimse/timeout': 'Cealaltă parte a tăcut prea mult; asocierea a fost întreruptă.',
  'dimse/operation-unknown': 'Operația DIMSE cerută nu este oferită aici.',
  'dimse/sop-class': 'Clasa SOP nu este cea pentru care este contextul de prezentare.',
  'dimse/sop-instance-uid': 'SOP Instance UID nu este un UID valabil.',
  'dimse/data-set-missing': 'Cererea spune că nu are set de date, dar are nevoie de unul.',
  'dimse/context-refused':
    'Cealaltă parte nu acceptă această clasă SOP în această sintaxă de transfer; convertiți instanța sau configurați acea parte.',
  'dimse/stopping': 'Nodul se oprește; trimiteți din nou când revine.',
  'dimse/unreachable': 'Nu există legătură cu nodul DICOM; verificați-i adresa și portul și dacă este pornit.',
  'dimse/internal': 'Serviciul DICOM a eșuat dintr-o eroare proprie; jurnalul spune cum.',
  'dimse/cancelled': 'Asocierea a fost întreruptă la cererea noastră.',
  'dimse/identifier':
    'Identificatorul nu se potrivește cu clasa SOP sau cu nivelul ei; trimiteți nivelul și cheile unice de deasupra lui.',
  'dimse/move-destination': 'Destinația mutării nu este cunoscută aici; adăugați-o la dimse.remotes în configurație.',
  'dimse/not-allowed':
    'Acest apelant nu are voie să facă aceasta; dacă ar trebui, indicați-o la dimse.callers în configurație.',
  'dimse/operations': 'Prea multe operații sunt în curs pe această asociere; așteptați să se termine una.',
  'dimse/data-set-long': 'Setul de date al cererii este mai lung decât se primește aici.',
  'dimse/argument': 'Setului de date al cererii îi lipsește ceva sau este incorect.',
  'dimse/action-type': 'Clasa SOP nu are o acțiune sau un eveniment de acest tip.',
  'dimse/matches': 'Mai multe rezultate decât poate avea o cerere; cereți mai puțin deodată.',
  'dimse/message-id': 'O operație cu acest id de mesaj este încă în curs.',
  'dimse/status': 'Cealaltă parte a răspuns cu o stare de eșec; PS3.7 anexa C și serviciul spun ce înseamnă.',
  'dimse/service-refused':
    'Cealaltă parte nu ne oferă acest serviciu; verificați ce îi permite configurația ei AE title-ului nostru.',
  'remote/unknown': 'Nu este configurat niciun nod DICOM cu acest AE title; adăugați-l la dimse.remotes în peer.json.',
  'remote/incomplete':
    'Cealaltă parte nu a putut preda toate instanțele; ce a sosit se păstrează, încercați din nou pentru rest.',
  'remote/not-kept':
    'Cealaltă parte nu promite să păstreze toate aceste instanțe; trimiteți ce îi lipsește, apoi întrebați din nou.',
  'remote/no-result':
    'Cealaltă parte a primit cererea de storage commitment, dar nu a spus ce a rezultat; ca să anunțe printr-o asociere a ei, trebuie să ne cunoască AE title-ul, adresa și portul și să fie în dimse.callers cu commit.',
  'remote/key': 'O cheie de interogare nu este nici cuvânt-cheie DICOM, nici etichetă de opt cifre.',
  'remote/busy': 'Prea multe aduceri sunt în curs; încercați din nou după ce se termină una.',
  'route/transfer-syntax':
    'Cealaltă parte nu primește această instanță în nicio sintaxă de transfer în care poate fi dată.',
  'route/expired':
    'Cealaltă parte nu a primit instanța zile la rând; înlăturați cauza, apoi trimiteți studiul din nou.',
  'route/full':
    'Prea multe instanțe așteaptă să fie trimise mai departe; reparați destinația, apoi trimiteți studiul din nou.',

  'pixels/none': 'Instanța nu are pixeli care să poată fi arătați.',
  'pixels/unsupported':
    'Acești pixeli nu pot fi decodați aici; cereți instanța așa cum este păstrată (transfer-syntax=*).',
  'pixels/corrupt':
    'Cadrul comprimat este deteriorat sau nu are mărimea numită de instanța sa; cereți-l așa cum este păstrat.',
  'pixels/too-large': 'Cadrul este mai mare decât se decodează aici; cereți-l așa cum este păstrat.',
  'pixels/busy': 'Prea multe cadre așteaptă decodarea; încercați din nou peste o clipă.',
  'pixels/deadline': 'Decodarea sau codarea cadrului a durat mai mult decât se permite; cereți-l așa cum este păstrat.',
  'pixels/worker': 'Procesul care decodează cadrele s-a încheiat neașteptat; încercați din nou.',
  'pixels/cannot-encode':
    'Pixelii de acest fel nu pot fi scriși în sintaxa de transfer cerută; cereți alta sau așa cum sunt păstrați.',
  'pixels/not-lossless': 'Cadrul codat nu ar fi identic cu cel păstrat; cereți altă sintaxă de transfer.',
  'deid/profile':
    'Acesta nu este un profil de dezidentificare; scrieți basic, apoi eventuale opțiuni, de exemplu basic+dates+characteristics.',
  'deid/burned-in':
    'În imagine poate fi inscripționat text; numiți zonele de acoperit, lăsați deoparte astfel de imagini sau declarați că o persoană le-a verificat.',
  'deid/compressed':
    'Zone din acești pixeli comprimați nu pot fi acoperite aici; lăsați imaginea deoparte sau trimiteți-o necomprimată.',
  'deid/regions': 'O zonă de acoperit nu se află în interiorul imaginii.',
  'deid/pixels': 'Pixelii așezați în acest mod nu pot fi acoperiți; lăsați imaginea deoparte.',
  'deid/too-large': 'Antetul este prea lung pentru a fi dezidentificat; lăsați instanța deoparte.',
  'deid/document':
    'Un document încapsulat (un PDF, un CDA, un model) nu poate fi curățat de datele pacientului; lăsați astfel de obiecte deoparte.',

  'order/fhir': 'Resursa FHIR nu este o solicitare care poate fi primită; corectați ce este numit.',
  'order/hl7': 'Mesajul HL7 este incorect sau nu este o solicitare care poate fi primită; corectați ce este numit.',
  'order/unknown': 'Aici nu există o astfel de solicitare.',
  'order/ended': 'Solicitarea s-a încheiat și nu mai poate fi schimbată.',
  'order/full': 'Prea multe solicitări sunt deschise; anulați sau încheiați mai întâi câteva.',
  'order/conflict': 'Altă solicitare are acest număr de acces sau acest Study Instance UID; trimiteți unul propriu.',
  'mpps/attribute': 'Un atribut al etapei efectuate a procedurii are o valoare greșită.',
  'mpps/missing': 'Etapei efectuate a procedurii îi lipsește o valoare obligatorie.',
  'mpps/duplicate': 'Etapa efectuată a procedurii există deja.',
  'mpps/unknown': 'Aici nu există o astfel de etapă efectuată a procedurii.',

  'import/conflict':
    'Un alt obiect cu acest SOP Instance UID este deja păstrat; cel nou a fost pus deoparte ca fiind în conflict.',
  'import/patient-differs':
    'Aici studiul aparține altui pacient; obiectul a fost pus deoparte, ca să decidă o persoană.',
  'import/not-dicom': 'Acesta nu este un fișier DICOM.',
  'import/archive': 'Arhivele nu se deschid; despachetați-o și importați dosarul.',
  'import/other-study':
    'Instanța aparține altui studiu decât cel la care a fost trimisă; nimic din ea nu a fost păstrat.',
  'import/missing': 'DICOMDIR numește acest fișier, dar el nu este acolo; căutați-l.',
  'import/patient-system':
    'Niciun emitent nu corespunde acestui sistem de identificare; adăugați unul la patientId.issuers în configurație.',
  'import/replaced': 'O persoană a pus alt obiect în locul lui; acesta se păstrează până când cineva îl șterge.',
  'import/archive-damaged':
    'Arhiva sau acest fișier din ea este deteriorat, criptat sau împachetat într-un mod care nu se deschide; împachetați din nou ca zip.',
  'import/archive-limit':
    'Arhiva conține mai multe fișiere, mai mulți octeți sau mai mult spațiu gol decât se permite; despachetați-o și importați dosarul.',
  'import/kind':
    'Doar PDF, JPEG, PNG, MP4 și STL devin obiecte DICOM ale unui pacient; convertiți fișierul într-unul dintre acestea.',
  'import/content':
    'Fișierul este deteriorat sau de o formă pe care DICOM nu o conține; convertiți-l (JPEG baseline, PNG, MP4 cu H.264 sau H.265).',
  'import/too-large': 'Fișierul este prea lung pentru a deveni obiect DICOM; micșorați-l.',
  'import/bulk-missing':
    'Metadatele numesc date voluminoase din care nu a sosit nicio parte sau au sosit mai multe decât s-au numit; trimiteți ambele.',
  'import/broken-off': 'Expeditorul a întrerupt trimiterea la mijloc; trimiteți din nou.',
  'aside/unknown': 'Nimic cu acest id nu este pus deoparte; vedeți lista afișată de quarantine list.',
  'aside/action': 'Aceasta nu se poate decide pentru ce a fost pus deoparte din acest motiv; vedeți quarantine show.',
};
