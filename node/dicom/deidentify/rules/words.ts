// The words that a description may keep (Clean Descriptors Option). Deny by default: a word that is not here goes, for
// nobody can list all names of people and places. Body parts, directions, techniques, phases and the like, in the
// languages in which our hospitals describe their series; extend it freely with words that are never a name.
const english = `
abd abdomen abdominal acetabulum acquisition acute add adc after angio angiography angiogram ankle anterior aorta aortic
ap apical appendix arch arm arterial arteries artery asc ascending asl axial axis b back base baseline bilateral biopsy
bladder blood body bolus bone bones bowel brachial brain bravo breast breath breathhold bronchus c calcaneus calcium
calf cap care cardiac care carotid cardio cc cerebral cervical cest chest cholangiography chronic cine clavicle coil
colon color colour comparison contrast cor coronal coronary corr cr cspine ct cta ctp cube cystography d dce def
delayed derived dental descending detail diaphragm diffusion digital disc dixon doppler dorsal dose dsa dti duodenum dwi
dx dynamic ear echo effusion elbow elective emergency endo enhanced epi esophagus exam examination exp expiration
extremity eye eyes fa face facial fast fat fatsat fdg feet femoral femur fetal fgre fibula fiesta filter fine fingers
finger first flair flash flexion flow fluoro fluoroscopy follow followup foot for forearm fov fracture frontal fsat
fse full function gad gadolinium gallbladder gated gd general gre hand haste hd head heart hepatic high hip hips hr hrct
humerus iac ii iii iliac image images imaging in increment inf inferior infusion initial injection inner inspiration
internal intestine iv ivp joint jaw kernel kidney kidneys knee kub l larynx lat lateral lava left leg legs liver lo loc
localiser localizer long low lower lspine lumbar lung lungs m mammo mammogram mammography mandible map mapping mask
maxilla measurement mediastinum medium mesh mid mip mlo motion mpr mprage mr mra mrcp mri mrv multi muscle myocardial
nasal native neck neuro nm no non nonenhanced normal nose nuclear ob obl oblique occlusal of off on opp orbit orbits
oral out outer ovary pa paranasal parallel pancreas panoramic parotid part patella pd pe pediatric pelvis perfusion
pet phantom phase phases pituitary plain plan plus portable portal post posterior pr pre prone prostate protocol
pulmonary pulse quiet r rad radial radiograph radius raw recon reconstruction rectum reformat reformatted region renal
report rest result ribs right rot rotation routine runoff sacrum sag sagittal scan scapula scout screening se sella
sequence series shoulder shoulders short sinus sinuses skeleton skull slice small smooth soft spatial spin spine
spiral spleen spgr ssfse std standard standing stent sternum stir stomach stress study sub subtracted subtraction
sup superior supine survey swi tee temporal test thick thigh thin thoracic thorax thumb thyroid tibia time tir tirm
tissue toe toes tof tomo tomography topo topogram tra trace tracer trachea transversal transverse trauma truefisp tse
tspine tube tumor ultrasound unilateral unenhanced up upper ureter urethra urinary urography us uterus vein veins
venous ventral ventricle vertebra view vessel vessels vibe view volume vr water wb whole window with without w wo wrist
x xa xr xray`;
const units = 'bpm cm deg fps gy hz hu kev khz kv kvp ma mas mgy mhz min ml mm ms mhz msv mv s sec t';
const latin = `
abdomenul amidon antebrat articulatia articulatie bazin bazinul brat brate cap capul cavitate cerebral cervical cervicala
coapsa coloana contrast cord cot cranian craniu cutia degete deget dorsal dorsala dreapta drept fata femur ficat gamba
gat genunchi glezna grilaj hepatic incidenta la lateral laterala lombar lombara lombo mamografie mana mandibula
membru native oase ochi os pancreas pelvis pelvin picior piept plaman plamani post profil pulmon pulmonar pulmonara
radiografie regiune renal rinichi sacral sacrala san sani sinusuri sold splina stang stanga sternul substanta torace
toracal toracala toracic tomografie torax tiroida umar umarul vezica veziculei coronarian rmn irm ecografie`;
const cyrillic = `
без бедро боковая брюшная брюшной внутривенным воротная всего головного голова головной голень грудная грудной
гортань диффузия железа желчный живот зубы исследование исследования канала кисть кишка колено коленный контраст
контраста контрастом контрастированием коронарная крестец кт левая левого левое левый легкие легких лучевая малого
маммография мозг мозга молочная мочевой мрт мягкие нативное нижняя нога область обзорная органы органов отдел отдела
печень плечо поджелудочная позвоночник позвоночника полости полость почек почки правая правого правое правый прямая
проекция пазухи пузырь рентген рентгенография рука с сагиттальная сердце серия селезенка снимок сосуды стопа сустав
сустава таз таза томография ткани тонкие узи фаза череп черепа шейного шейный шея щитовидная`;

export const words: ReadonlySet<string> = new Set(
  [english, units, latin, cyrillic].flatMap((text) => text.split(/\s+/).filter((word) => word !== '')),
);
