// Commands on the peer itself: made, joined, run, its users, its audit log, its checks.
import type { peer as english } from '../en/peer.ts';
import type { Texts } from '../types.ts';

export const peer = {
  'init.about': 'создать узел: ключи, настройки, первого администратора, заявку на вступление',
  'init.name': 'официальное название больницы',
  'init.country': 'две буквы, например MD',
  'init.done':
    'Узел {peerId} готов в {data}.\n\nПользователь   {username}\nПароль         {password}   (показан один раз)\nЗаявка         {joinRequest}\nОтпечаток      {fingerprint}\n\nПередайте заявку уполномоченному органу и прочтите ему отпечаток по телефону. Затем запустите узел.',
  'join.about': 'вступить в федерацию с файлом списка участников, полученным от уполномоченного органа',
  'join.done': 'Участник федерации (список {number}). Её отпечаток, для сверки с уполномоченным органом: {fingerprint}',
  'start.about': 'запустить узел до Ctrl-C',
  'start.init': 'сначала создать узел, если в папке данных его нет',
  'start.first': 'Создан новый узел в {data}. Войдите как {username} с паролем {password} (показан один раз).',
  'start.request':
    'Чтобы вступить в федерацию, передайте {joinRequest} её уполномоченному органу; отпечаток {fingerprint}',
  'start.ready':
    'Узел работает. Портал и API {http}, порт DICOM {dimse} (AE title {aeTitle}), другие узлы {p2p}. Ctrl-C останавливает.',
  'start.stopping': 'Остановка...',
  'user.about': 'пользователи этого узла',
  'user.add.about': 'создать пользователя',
  'user.add.done': 'Пользователь {username} с паролем {password} (показан один раз)',
  'token.about': 'токены для программ',
  'token.create.about': 'создать токен',
  'token.create.done': '{token}',
  'token.name': 'для чего токен',
  'audit.about': 'что делали с данными пациентов',
  'audit.show.about': 'показать записи',
  'audit.from': 'номер первой показываемой записи',
  'audit.patient': 'id карты пациента или идентификатор',
  'audit.verify.about': 'проверить, что ничего не изменено и не удалено',
  'audit.verify.ok': 'Журнал цел: записей {entries}, вершина {head}',
  'audit.verify.bad': 'Журнал нарушен: сохраните его как доказательство и сообщите уполномоченному органу.',
  'doctor.about': 'проверить порты, связь, часы, диск, список участников, хранителей и записи; сказать, что делать',
  'doctor.head': 'Проверка|Норма|Что делать',
  'doctor.running': 'работа',
  'doctor.ports': 'порты',
  'doctor.ports.found': 'HTTP на {http}, DICOM на {dimse}, адресов для других узлов: {addresses}',
  'doctor.ports.todo': 'Нет адреса для других узлов: задайте p2p.listen в peer.json.',
  'doctor.clock': 'часы',
  'doctor.clock.found': 'Часы похожи на верные.',
  'doctor.clock.todo': 'Установите часы: при расхождении в 10 минут запросы отклоняются.',
  'doctor.disk': 'диск',
  'doctor.disk.found': 'Свободно {free} ГБ.',
  'doctor.disk.todo': 'Свободно только {free} ГБ: освободите место или уменьшите storage.minFreeBytes.',
  'doctor.roster': 'список участников',
  'doctor.roster.found': 'Список {number}, срок действия в днях: {days}.',
  'doctor.roster.todo':
    'Список участников скоро истечёт (осталось дней: {days}): запросите следующий у уполномоченного органа.',
  'doctor.roster.none':
    'Передайте join-request.cbor уполномоченному органу федерации, затем выполните join с полученным от него файлом списка.',
  'doctor.reachability': 'связь',
  'doctor.reachability.found': 'На связи {connected} из {others} других участников.',
  'doctor.reachability.todo':
    'Ни один другой участник не на связи: проверьте, что этот компьютер достигает их, а они — его порта p2p.',
  'doctor.keepers': 'хранители',
  'doctor.keepers.found': 'Доступно {inReach} из {keepers} хранителей ключа, нужно {needed}.',
  'doctor.keepers.todo':
    'Доступно только {inReach} из {keepers} хранителей ключа, а нужно {needed}: искать пациентов нельзя, пока не появятся другие.',
  'doctor.keepers.none': 'Хранителей ключа пока нет: уполномоченный орган назначает их командой federation keepers.',
  'doctor.records': 'записи',
  'doctor.records.found': 'Записей хранится везде: {full}, на части узлов: {partly}, ожидает: {nowhere}.',
  'doctor.records.todo':
    'Записей, которые скоро истекут или не сохранены нигде: {alarms}. Соединитесь с большим числом участников.',
} as const satisfies Texts<typeof english>;
