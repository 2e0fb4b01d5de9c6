// The program itself: what it is, options that many commands have, help, and what it says when it is misused.
import { said } from './said.ts';

export const program = {
  program: said({
    en: 'Find and hand over imaging studies between hospitals, end-to-end encrypted, with nobody in the middle.',
    ro: 'Găsește și predă studii imagistice între spitale, criptate de la un capăt la altul, fără intermediari.',
    ru: 'Поиск и передача исследований между больницами, со сквозным шифрованием и без посредников.',
  }),
  'option.json': said({
    en: 'print one JSON document on stdout',
    ro: 'afișează un singur document JSON la ieșirea standard',
    ru: 'вывести один документ JSON в стандартный вывод',
  }),
  'option.data': said({
    en: 'data folder of the peer',
    ro: 'dosarul cu date al nodului',
    ru: 'папка данных узла',
  }),
  'option.system': said({
    en: 'system URI of the identifier; the national one if absent',
    ro: 'URI-ul sistemului de identificare; dacă lipsește, cel național',
    ru: 'URI системы идентификаторов; если не указан, национальная',
  }),
  'option.patient': said({
    en: "the patient's identifier",
    ro: 'identificatorul pacientului',
    ru: 'идентификатор пациента',
  }),
  'option.purpose': said({
    en: 'purpose of use',
    ro: 'scopul utilizării',
    ru: 'цель использования',
  }),
  'option.reason': said({
    en: 'why, in words; the other hospital and the patient can read it',
    ro: 'de ce, în cuvinte; îl pot citi celălalt spital și pacientul',
    ru: 'зачем, словами; это прочтут другая больница и пациент',
  }),
  'option.dir': said({
    en: "the authority's folder",
    ro: 'dosarul autorității',
    ru: 'папка уполномоченного органа',
  }),
  'option.http': said({
    en: 'port for the portal and the API',
    ro: 'portul pentru portal și API',
    ru: 'порт для портала и API',
  }),
  'option.dimse': said({
    en: 'port for DICOM',
    ro: 'portul pentru DICOM',
    ru: 'порт для DICOM',
  }),
  'option.p2p': said({
    en: 'port for other peers',
    ro: 'portul pentru alte noduri',
    ru: 'порт для других узлов',
  }),
  'option.replace': said({
    en: 'sign although another roster with this number waits here and will never be published',
    ro: 'semnează, deși aici așteaptă o altă listă cu același număr, care nu va fi publicată niciodată',
    ru: 'подписать, хотя здесь ждёт другой список с этим номером и он никогда не будет опубликован',
  }),
  'option.lang': said({
    en: 'language of what is printed: ro, ru or en; that of the environment if absent',
    ro: 'limba textelor afișate: ro, ru sau en; dacă lipsește, cea a mediului',
    ru: 'язык вывода: ro, ru или en; если не указан, язык окружения',
  }),
  'help.about': said({
    en: 'display help for command',
    ro: 'afișează ajutorul pentru comandă',
    ru: 'показать справку по команде',
  }),
  'help.usage': said({
    en: 'Usage:',
    ro: 'Utilizare:',
    ru: 'Использование:',
  }),
  'help.arguments': said({
    en: 'Arguments:',
    ro: 'Argumente:',
    ru: 'Аргументы:',
  }),
  'help.options': said({
    en: 'Options:',
    ro: 'Opțiuni:',
    ru: 'Параметры:',
  }),
  'help.global': said({
    en: 'Global Options:',
    ro: 'Opțiuni generale:',
    ru: 'Общие параметры:',
  }),
  'help.commands': said({
    en: 'Commands:',
    ro: 'Comenzi:',
    ru: 'Команды:',
  }),
  'help.anyOptions': said({
    en: '[options]',
    ro: '[opțiuni]',
    ru: '[параметры]',
  }),
  'help.anyCommand': said({
    en: '[command]',
    ro: '[comandă]',
    ru: '[команда]',
  }),
  'help.default': said({
    en: 'default: {value}',
    ro: 'implicit: {value}',
    ru: 'по умолчанию: {value}',
  }),
  'help.choices': said({
    en: 'choices: {values}',
    ro: 'valori: {values}',
    ru: 'значения: {values}',
  }),
  'misuse.error': said({
    en: 'error: {message}',
    ro: 'eroare: {message}',
    ru: 'ошибка: {message}',
  }),
  'misuse.argument': said({
    en: "missing required argument '{name}'",
    ro: "lipsește argumentul obligatoriu '{name}'",
    ru: "не указан обязательный аргумент '{name}'",
  }),
  'misuse.optionArgument': said({
    en: "option '{flags}' argument missing",
    ro: "lipsește valoarea opțiunii '{flags}'",
    ru: "не указано значение параметра '{flags}'",
  }),
  'misuse.optionMissing': said({
    en: "required option '{flags}' not specified",
    ro: "lipsește opțiunea obligatorie '{flags}'",
    ru: "не указан обязательный параметр '{flags}'",
  }),
  'misuse.unknownOption': said({
    en: "unknown option '{name}'",
    ro: "opțiune necunoscută: '{name}'",
    ru: "неизвестный параметр '{name}'",
  }),
  'misuse.unknownCommand': said({
    en: "unknown command '{name}'",
    ro: "comandă necunoscută: '{name}'",
    ru: "неизвестная команда '{name}'",
  }),
  'misuse.similar': said({
    en: 'Did you mean {names}?',
    ro: 'Ați vrut să scrieți {names}?',
    ru: 'Возможно, вы имели в виду {names}?',
  }),
  'misuse.excess': said({
    en: "too many arguments for '{name}': expected {expected}, got {received}: {given}.",
    ro: "prea multe argumente pentru '{name}': așteptate {expected}, primite {received}: {given}.",
    ru: "слишком много аргументов для '{name}': ожидалось {expected}, получено {received}: {given}.",
  }),
  'misuse.value': said({
    en: "option '{flags}' argument '{value}' is invalid. {why}",
    ro: "valoarea '{value}' a opțiunii '{flags}' nu este valabilă. {why}",
    ru: "значение '{value}' параметра '{flags}' недопустимо. {why}",
  }),
  'misuse.choices': said({
    en: 'Allowed choices are {choices}.',
    ro: 'Valorile permise sunt {choices}.',
    ru: 'Допустимые значения: {choices}.',
  }),
  'misuse.whole': said({
    en: 'It must be a whole number from {min} to {max}.',
    ro: 'Trebuie să fie un număr întreg de la {min} la {max}.',
    ru: 'Нужно целое число от {min} до {max}.',
  }),
  'misuse.country': said({
    en: 'It must be two letters, as MD.',
    ro: 'Trebuie să fie două litere, de exemplu MD.',
    ru: 'Нужны две буквы, например MD.',
  }),
};
