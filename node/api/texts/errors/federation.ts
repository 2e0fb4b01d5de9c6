// Messages, the federation, patient tags, advertisements.
import type { ErrorSentences } from './families.ts';

export const federation: ErrorSentences<'federation'> = {
  'cbor/malformed': {
    ro: 'Mesajul nu este CBOR determinist bine format.',
    ru: 'Сообщение не является правильным детерминированным CBOR.',
  },
  'cbor/too-long': {
    ro: 'Mesajul este mai lung decât permite felul său.',
    ru: 'Сообщение длиннее, чем допускает его вид.',
  },
  'cbor/too-deep': {
    ro: 'Mesajul are mai multe niveluri sau elemente decât se permite.',
    ru: 'В сообщении больше уровней или элементов, чем допускается.',
  },

  'field/missing': {
    ro: 'Lipsește un câmp obligatoriu.',
    ru: 'Нет обязательного поля.',
  },
  'field/invalid': {
    ro: 'Un câmp are o valoare care nu este permisă.',
    ru: 'У поля недопустимое значение.',
  },

  'crit/unknown': {
    ro: 'Mesajul cere ceva ce această versiune nu înțelege.',
    ru: 'Сообщение требует того, чего эта версия не понимает.',
  },

  'kind/unsupported': {
    ro: 'Acest fel de mesaj este cunoscut, dar această versiune nu îl deservește.',
    ru: 'Такой вид сообщений известен, но эта версия его не обслуживает.',
  },
  'kind/unexpected': {
    ro: 'Mesajul este de alt fel decât cel așteptat aici.',
    ru: 'Сообщение не того вида, который здесь ожидался.',
  },

  'version/unsupported': {
    ro: 'Cealaltă parte folosește o versiune care nu este acceptată; actualizați-o.',
    ru: 'Другая сторона использует версию, которая не поддерживается; обновите её.',
  },

  'envelope/signature': {
    ro: 'Semnătura nu corespunde mesajului.',
    ru: 'Подпись не соответствует сообщению.',
  },
  'envelope/signer': {
    ro: 'Mesajul este semnat de altcineva decât ar trebui.',
    ru: 'Сообщение подписано не тем, кем должно быть.',
  },

  'roster/form': {
    ro: 'Lista de membri se contrazice.',
    ru: 'Список участников противоречит сам себе.',
  },
  'roster/lower-number': {
    ro: 'Lista de membri este mai veche decât cea urmată deja.',
    ru: 'Список участников старше того, который уже действует.',
  },
  'roster/broken-chain': {
    ro: 'Lista de membri nu o continuă pe cea cunoscută.',
    ru: 'Список участников не продолжает известный.',
  },
  'roster/too-few-signatures': {
    ro: 'Prea puține autorități au semnat lista de membri; adunați mai multe semnături.',
    ru: 'Список участников подписали слишком мало органов; соберите больше подписей.',
  },
  'roster/signer-twice': {
    ro: 'O autoritate a semnat lista de membri de două ori; fiecare se numără o dată.',
    ru: 'Один орган подписал список участников дважды; каждый считается один раз.',
  },
  'roster/signer-unknown': {
    ro: 'Lista de membri este semnată cu o cheie care nu aparține niciunei autorități a ei.',
    ru: 'Список участников подписан ключом, который не принадлежит его уполномоченному органу.',
  },
  'roster/other-federation': {
    ro: 'Lista de membri aparține altei federații.',
    ru: 'Список участников принадлежит другой федерации.',
  },
  'roster/index-key': {
    ro: 'Părțile cheii de index din lista de membri nu alcătuiesc o singură cheie.',
    ru: 'Доли ключа индекса в списке участников не составляют одного ключа.',
  },
  'roster/succession': {
    ro: 'Un membru își schimbă id-ul nodului fără o succesiune semnată cu cheia veche și fără mențiunea că a fost reemis.',
    ru: 'Участник меняет id узла без преемственности, подписанной старым ключом, и без отметки о перевыпуске.',
  },
  'roster/fork': {
    ro: 'Autoritățile au semnat două liste diferite cu același număr; nimeni nou nu este primit până nu rezolvă situația.',
    ru: 'Органы подписали два разных списка под одним номером; никто новый не принимается, пока они этого не разрешат.',
  },
  'roster/expired': {
    ro: 'Lista de membri a expirat; cereți autorității una nouă în cel mult 30 de zile, apoi rețeaua se oprește.',
    ru: 'Срок списка участников истёк; запросите новый у уполномоченного органа в течение 30 дней, затем сеть остановится.',
  },
  'roster/none': {
    ro: 'Acest nod nu face încă parte din nicio federație; aderați la una cu fișierul listei ei de membri.',
    ru: 'Этот узел ещё не состоит в федерации; вступите в неё с файлом её списка участников.',
  },

  'roster/key-change': {
    ro: 'Cheia de index nu se poate schimba astfel: într-o generație rămâne aceeași, generațiile nu scad și nicio listă nu o lasă deoparte.',
    ru: 'Ключ индекса не может меняться так: в одном поколении он остаётся тем же, поколения не убывают, и ни один список его не опускает.',
  },
  'roster/dates': {
    ro: 'Lista de membri este datată înaintea celei pe care o urmează; autoritatea trebuie să-și potrivească ceasul și s-o facă din nou.',
    ru: 'Список участников датирован раньше того, за которым следует; уполномоченный орган должен поправить часы и составить его заново.',
  },
  'member/unknown': {
    ro: 'Nodul nu este un membru numit în lista actuală.',
    ru: 'Узел не является участником из действующего списка.',
  },
  'member/exists': {
    ro: 'Nodul sau membrul se află deja în listă.',
    ru: 'Этот узел или участник уже есть в списке.',
  },
  'member/ambiguous': {
    ro: 'Mai mulți membri poartă acest nume; folosiți id-ul membrului.',
    ru: 'Так называется больше одного участника; укажите id участника.',
  },

  'card/validity': {
    ro: 'Fișa nodului a expirat, nu este încă valabilă sau cere mai mult de 90 de zile.',
    ru: 'Карточка узла истекла, ещё не действует или рассчитана больше чем на 90 дней.',
  },
  'card/member': {
    ro: 'Fișa numește alt membru decât cel al cărui nod a semnat-o.',
    ru: 'Карточка называет не того участника, чей узел её подписал.',
  },

  'join/card': {
    ro: 'Fișa din cererea de aderare nu este semnată de nodul care cere.',
    ru: 'Карточка в заявке на вступление не подписана узлом, который её подаёт.',
  },

  'authority/keepers': {
    ro: 'Ar rămâne mai puțini păstrători decât pragul; împărțiți o cheie de index nouă altor păstrători.',
    ru: 'Хранителей осталось бы меньше порога; раздайте новый ключ индекса другим хранителям.',
  },
  'authority/payload': {
    ro: 'Semnăturile de adunat sunt pentru liste diferite.',
    ru: 'Собираемые подписи относятся к разным спискам.',
  },
  'authority/missing': {
    ro: 'În acest dosar nu este nicio federație; creați una cu federation create sau indicați alt dosar cu --dir.',
    ru: 'В этой папке нет федерации; создайте её командой federation create или укажите другую папку через --dir.',
  },
  'authority/exists': {
    ro: 'În acest dosar există deja o federație; folosiți alt dosar cu --dir.',
    ru: 'В этой папке уже есть федерация; укажите другую папку через --dir.',
  },
  'authority/key': {
    ro: 'Cheia autorității lipsește, este deteriorată sau poate fi citită de alții; restaurați-o și faceți-o citibilă doar pentru proprietar (chmod 600).',
    ru: 'Ключ уполномоченного органа отсутствует, повреждён или доступен для чтения другим; восстановите его и оставьте доступным только владельцу (chmod 600).',
  },
  'authority/pending': {
    ro: 'Aici a fost deja semnată o altă listă cu acest număr: încheiați-o cu sign și assemble sau spuneți --replace dacă nu va fi publicată niciodată.',
    ru: 'Здесь уже подписан другой список с этим номером: завершите его командами sign и assemble или укажите --replace, если он никогда не будет опубликован.',
  },
  'authority/busy': {
    ro: 'O altă comandă lucrează cu acest dosar al federației; așteptați să se termine.',
    ru: 'С этой папкой федерации работает другая команда; дождитесь её окончания.',
  },
  'authority/threshold': {
    ro: 'Pragul trebuie să fie mai mult de jumătate din cheile autorității, iar fiecare cheie se numește o singură dată.',
    ru: 'Порог должен быть больше половины ключей органа, и каждый ключ называется один раз.',
  },
  'authority/card': {
    ro: 'În fișierul listei nu se află fișa acestui membru, deci partea lui nu poate fi sigilată; alegeți alt păstrător.',
    ru: 'В файле списка нет карточки этого участника, поэтому запечатать для него долю нельзя; выберите другого хранителя.',
  },
  'authority/file': {
    ro: 'Acesta nu este fișierul cu cheia publică a unei autorități; el se scrie cu federation key.',
    ru: 'Это не файл открытого ключа уполномоченного органа; его записывает federation key.',
  },

  'authority/clock': {
    ro: 'Ceasul acestui calculator este în urma datei ultimei liste; potriviți ceasul, apoi repetați.',
    ru: 'Часы этого компьютера отстают от даты последнего списка; поправьте часы и повторите.',
  },
  'box/key': {
    ro: 'Cheile pentru sigilare sunt deteriorate sau slabe, deci nu se sigilează nimic pentru ele.',
    ru: 'Ключи для запечатывания повреждены или слабы, поэтому для них ничего не запечатывается.',
  },
  'box/unopenable': {
    ro: 'Conținutul sigilat nu este pentru această cheie sau a fost modificat.',
    ru: 'Запечатанное не предназначено для этого ключа или было изменено.',
  },
  'box/too-long': {
    ro: 'Este mai mult decât se poate sigila deodată.',
    ru: 'Это больше, чем можно запечатать за один раз.',
  },

  'tags/point': {
    ro: 'Un element de grup sau un scalar este incorect ori este identitatea.',
    ru: 'Элемент группы или скаляр повреждён либо является единицей группы.',
  },
  'tags/share': {
    ro: 'Părțile, indicii sau pragul cheii de index ale păstrătorilor nu se potrivesc între ele.',
    ru: 'Доли, номера или порог ключа индекса у хранителей не подходят друг к другу.',
  },
  'tags/proof': {
    ro: 'Dovada unui păstrător nu corespunde angajamentului său din lista de membri; a fost notat ca vinovat.',
    ru: 'Доказательство хранителя не соответствует его обязательству в списке участников; это отмечено как его вина.',
  },
  'tags/generation': {
    ro: 'Păstrătorul are altă cheie de index sau altă generație a ei; actualizați lista de membri de ambele părți.',
    ru: 'У хранителя другой ключ индекса или другое его поколение; обновите список участников на обеих сторонах.',
  },
  'tags/no-keepers': {
    ro: 'Au răspuns prea puțini păstrători pentru a căuta un pacient; încercați din nou sau anunțați spitalele păstrătorilor.',
    ru: 'Ответило слишком мало хранителей, чтобы искать пациента; попробуйте ещё раз или сообщите больницам хранителей.',
  },
  'tags/over-quota': {
    ro: 'Acest spital și-a epuizat deocamdată căutările; așteptați sau cereți autorității o cotă mai mare.',
    ru: 'Эта больница пока исчерпала свои поисковые запросы; подождите или попросите у уполномоченного органа большую норму.',
  },
  'tags/identifier': {
    ro: 'Identificatorul pacientului este gol, prea lung sau conține caractere nepermise.',
    ru: 'Идентификатор пациента пуст, слишком длинный или содержит недопустимые знаки.',
  },
  'tags/system': {
    ro: 'Sistemul de identificare nu este un URI pe care această federație îl poate folosi.',
    ru: 'Система идентификаторов — не URI, который может использовать эта федерация.',
  },
  'tags/keeper-down': {
    ro: 'Un păstrător nu a răspuns la timp.',
    ru: 'Хранитель не ответил вовремя.',
  },
  'tags/not-keeper': {
    ro: 'Acest nod nu păstrează nicio parte a acelei chei de index.',
    ru: 'Этот узел не хранит доли такого ключа индекса.',
  },

  'advert/size': {
    ro: 'Anunțul nu are una dintre mărimile fixe.',
    ru: 'Размер объявления не равен ни одному из установленных.',
  },
  'advert/not-member': {
    ro: 'Anunțul nu este semnat de membrul pe care îl numește.',
    ru: 'Объявление подписано не тем участником, которого оно называет.',
  },
  'advert/epoch': {
    ro: 'Anunțul este pentru o săptămână care nu se publică acum; verificați ceasul.',
    ru: 'Объявление относится к неделе, которая сейчас не публикуется; проверьте часы.',
  },
  'advert/expiry': {
    ro: 'Anunțul a expirat sau cere să fie păstrat mai mult decât se permite.',
    ru: 'Объявление истекло или просит хранить его дольше, чем допускается.',
  },
  'advert/over-quota': {
    ro: 'Cel care publică și-a epuizat locul pe acest nod.',
    ru: 'Публикующий исчерпал своё место на этом узле.',
  },
  'advert/superseded': {
    ro: 'O versiune mai nouă a acestui anunț este deja păstrată.',
    ru: 'Более новая версия этого объявления уже хранится.',
  },
  'advert/conflict': {
    ro: 'Un alt anunț cu aceeași versiune este deja păstrat.',
    ru: 'Другое объявление с той же версией уже хранится.',
  },
  'advert/rolled-back': {
    ro: 'Un nod a dat o versiune a anunțului mai veche decât cea cunoscută.',
    ru: 'Узел отдал версию объявления старше известной.',
  },
  'advert/wrong-tag': {
    ro: 'Un nod a dat un anunț care nu a fost cerut.',
    ru: 'Узел отдал объявление, о котором его не спрашивали.',
  },
  'advert/summary': {
    ro: 'Rezumatul nu se deschide cu această cheie sau este deteriorat.',
    ru: 'Сводка не открывается этим ключом или повреждена.',
  },
  'advert/too-large': {
    ro: 'Rezumatul nu încape în cel mai mare anunț.',
    ru: 'Сводка не помещается в самое большое объявление.',
  },
  'advert/no-purpose': {
    ro: 'Un rezumat se dă doar pentru un scop și un motiv declarate; indicați-le pe amândouă.',
    ru: 'Сводка выдаётся только с указанием цели и причины; укажите обе.',
  },
  'advert/not-addressed': {
    ro: 'Cererea de rezumat este adresată altui spital.',
    ru: 'Запрос сводки адресован другой больнице.',
  },
  'advert/request-time': {
    ro: 'Cererea de rezumat a fost făcută cu prea mult timp în urmă sau în viitor; verificați ceasurile.',
    ru: 'Запрос сводки составлен слишком давно или в будущем; проверьте часы.',
  },
  'advert/replayed': {
    ro: 'Această cerere de rezumat a mai fost primită; faceți una nouă.',
    ru: 'Этот запрос сводки уже приходил; составьте новый.',
  },
  'advert/unknown': {
    ro: 'Aici nu este anunțat nimic sub această etichetă.',
    ru: 'Под этой меткой здесь ничего не объявлено.',
  },
  'advert/denied': {
    ro: 'Spitalul nu dă acest rezumat.',
    ru: 'Больница не выдаёт эту сводку.',
  },
};
