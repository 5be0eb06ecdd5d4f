// SPDX-License-Identifier: Apache-2.0
// Vocabularies of what happened, to whom and where, each term with a definition in plain words: the
// codebook prints them.
#include "observatory/model/schema_tables.h"

#include "report/texts.h"

static const struct vocabulary_term type_terms[] = {
    {"espionage", TEXT("Espionage"),
     TEXT("Information was taken or watched in secret: accounts, devices, networks or "
          "conversations.")},
    {"information-manipulation", TEXT("Information manipulation"),
     TEXT("False or distorted content, or fake accounts, were spread by technical means to mislead "
          "a public.")},
    {"reconnaissance", TEXT("Reconnaissance"),
     TEXT("Systems or people were probed to prepare something else: scanning, mapping, collecting "
          "addresses.")},
    {"defacement", TEXT("Defacement"),
     TEXT("A website or account was altered to show somebody else's message.")},
    {"doxing", TEXT("Doxing"),
     TEXT("Private or stolen information was published to harm somebody.")},
    {"disruption", TEXT("Disruption or denial of service"),
     TEXT("A service was slowed down or stopped for a time, without lasting damage.")},
    {"destruction", TEXT("Sabotage or destruction"),
     TEXT("Data, systems or equipment were damaged on purpose.")},
    {"ransomware", TEXT("Ransomware"),
     TEXT("Data were encrypted or taken, and payment was demanded.")},
    {"financial-theft", TEXT("Financial theft"), TEXT("Money or other assets were taken.")},
    {"data-theft", TEXT("Data theft, purpose not known"),
     TEXT("Data were copied, and sources do not say what for.")},
    {"hijacking", TEXT("Hijacking"),
     TEXT("Somebody took control of a system or account; what was done with it is not known, or is "
          "coded beside.")},
    {"other", TEXT("Other"), TEXT("None of the others fits; the summary says what happened.")},
};
const struct vocabulary vocabulary_type = {"type", TEXT("Types of incident"), "", type_terms,
                                           sizeof type_terms / sizeof *type_terms};

static const struct vocabulary_term trend_terms[] = {
    {"espionage", TEXT("Espionage"),
     TEXT("Part of the trend of states watching governments, companies, researchers or communities "
          "in secret.")},
    {"exported-surveillance", TEXT("Exported surveillance"),
     TEXT("Tools or services of surveillance that a company sold abroad were used.")},
    {"hired-hackers", TEXT("Hired hackers"),
     TEXT("People or firms broke in for pay, for a client who stays in the background.")},
    {"ransomware", TEXT("Ransomware"),
     TEXT("Part of the trend of extortion by encryption or threat of publication.")},
};
const struct vocabulary vocabulary_trend = {"trend", TEXT("Trends"), "", trend_terms,
                                            sizeof trend_terms / sizeof *trend_terms};

static const struct vocabulary_term sector_terms[] = {
    {"government", TEXT("Government and ministries"),
     TEXT("The executive at any level: federal, provincial, municipal.")},
    {"legislature", TEXT("Parliaments"), TEXT("Legislatures, their members and staff.")},
    {"justice", TEXT("Courts"), TEXT("Courts, tribunals and prosecutors.")},
    {"police", TEXT("Police"), TEXT("Police and border services.")},
    {"military", TEXT("Armed forces"), TEXT("Armed forces and ministries of defence.")},
    {"intelligence", TEXT("Intelligence services"), TEXT("Security and intelligence services.")},
    {"diplomacy", TEXT("Diplomacy"), TEXT("Embassies, consulates, missions and their staff.")},
    {"administration", TEXT("Public administration"),
     TEXT("Agencies and public services that are not a ministry.")},
    {"elections", TEXT("Elections"), TEXT("Bodies and systems that run elections.")},
    {"political-party", TEXT("Political parties"), TEXT("Parties, campaigns and candidates.")},
    {"international-organisation", TEXT("International organisations"),
     TEXT("Organisations whose members are states, and their bodies.")},
    {"civil-society", TEXT("Civil society"),
     TEXT("Associations, human-rights groups, unions and foundations.")},
    {"diaspora", TEXT("Diaspora and exile communities"),
     TEXT("People and groups tied to a country they left, or whose families left it.")},
    {"opposition", TEXT("Opposition and dissidents"),
     TEXT("People who oppose a government, at home or abroad.")},
    {"religious", TEXT("Religious communities"),
     TEXT("Religious bodies and communities of belief.")},
    {"ethnic", TEXT("Ethnic communities"),
     TEXT("Groups targeted as an ethnic or national minority.")},
    {"media", TEXT("Media and journalists"), TEXT("News media, journalists and publishers.")},
    {"education", TEXT("Universities and schools"),
     TEXT("Teaching, and those who study or teach.")},
    {"research", TEXT("Research and science"),
     TEXT("Laboratories, think tanks and research teams.")},
    {"health", TEXT("Health"), TEXT("Hospitals, public health, medicines.")},
    {"energy", TEXT("Energy"), TEXT("Electricity, oil, gas, nuclear power.")},
    {"water", TEXT("Water"), TEXT("Drinking water, sewage, dams.")},
    {"food", TEXT("Food and agriculture"), TEXT("Farming, food making and supply.")},
    {"transport", TEXT("Transport"), TEXT("Air, rail, road, ports and shipping.")},
    {"finance", TEXT("Finance"), TEXT("Banks, insurance, exchanges, crypto-assets.")},
    {"telecommunications", TEXT("Telecommunications"),
     TEXT("Telephone, Internet access and their networks.")},
    {"technology", TEXT("Information technology"),
     TEXT("Makers and providers of software, hardware and online services.")},
    {"defence-industry", TEXT("Defence industry"),
     TEXT("Makers of arms, aircraft, ships and their suppliers.")},
    {"space", TEXT("Space"), TEXT("Satellites, launchers and ground stations.")},
    {"chemicals", TEXT("Chemicals"), TEXT("Chemical works and their supply.")},
    {"manufacturing", TEXT("Manufacturing"), TEXT("Industry that no other code covers.")},
    {"mining", TEXT("Mining and resources"), TEXT("Mining, forestry, rare materials.")},
    {"legal", TEXT("Law firms"), TEXT("Lawyers and those who advise in law.")},
    {"business", TEXT("Other companies"), TEXT("Companies that no other code covers.")},
    {"culture-sport", TEXT("Culture and sport"),
     TEXT("Artists, museums, athletes, sporting bodies.")},
    {"individuals", TEXT("Private individuals"),
     TEXT("People targeted for themselves, or users at large.")},
    {"other", TEXT("Other"), TEXT("No code fits; the target's name says what it is.")},
    {"unknown", TEXT("Not known"), TEXT("The sources do not say.")},
};
const struct vocabulary vocabulary_sector = {"sector", TEXT("Sectors"), "", sector_terms,
                                             sizeof sector_terms / sizeof *sector_terms};

static const struct vocabulary_term target_kind_terms[] = {
    {"public-body", TEXT("Public body"), TEXT("A body of a state or of several states.")},
    {"company", TEXT("Company"), TEXT("A business of any size.")},
    {"organisation", TEXT("Organisation"), TEXT("A group that is neither public nor a business.")},
    {"community", TEXT("Community"), TEXT("People targeted for what they have in common.")},
    {"person", TEXT("Person"), TEXT("One person, or a few who are named or described.")},
    {"decision-maker", TEXT("Decision-maker"), TEXT("A person who holds an office or a mandate.")},
    {"system", TEXT("System or network"), TEXT("Equipment rather than those who use it.")},
    {"public", TEXT("General public"), TEXT("Everybody who reads, votes or uses a service.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
};
const struct vocabulary vocabulary_target_kind = {
    "target-kind", TEXT("Kinds of target"), "", target_kind_terms,
    sizeof target_kind_terms / sizeof *target_kind_terms};

static const struct vocabulary_term information_terms[] = {
    {"state-secrets", TEXT("State secrets"),
     TEXT("What a state keeps from others: policy, defence, negotiations.")},
    {"military", TEXT("Military information"), TEXT("Plans, equipment or people of armed forces.")},
    {"intellectual-property", TEXT("Intellectual property"),
     TEXT("Research, designs, formulas, source code.")},
    {"business", TEXT("Business secrets"), TEXT("Bids, prices, contracts, strategies.")},
    {"personal-decision-makers", TEXT("Personal data of decision-makers"),
     TEXT("Letters, contacts, whereabouts of people in office.")},
    {"personal-activists", TEXT("Personal data of activists"),
     TEXT("Letters, contacts, whereabouts of people who defend rights, or of journalists.")},
    {"personal-community", TEXT("Personal data of members of a community"),
     TEXT("Lists and details of people of a diaspora, a religion, a party.")},
    {"personal-public", TEXT("Personal data of the public"),
     TEXT("Data of customers, patients, users.")},
    {"credentials", TEXT("Credentials"), TEXT("Passwords, keys, access to accounts.")},
    {"research", TEXT("Health and research data"),
     TEXT("Results and methods, such as those on vaccines.")},
    {"infrastructure", TEXT("Knowledge of infrastructure"),
     TEXT("How networks, plants and controls are built.")},
    {"none", TEXT("None"), TEXT("No information was sought.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
    {"unknown", TEXT("Not known"), TEXT("The sources do not say.")},
};
const struct vocabulary vocabulary_information = {
    "information", TEXT("Information sought"), "", information_terms,
    sizeof information_terms / sizeof *information_terms};

static const struct vocabulary_term harm_terms[] = {
    {"confidentiality", TEXT("Loss of secrecy"),
     TEXT("Information that was private is in others' hands.")},
    {"integrity", TEXT("Loss of integrity"), TEXT("Data or systems were altered.")},
    {"availability", TEXT("Loss of service"), TEXT("A service could not be used for a time.")},
    {"financial", TEXT("Financial loss"), TEXT("Money was lost, or spent to recover.")},
    {"physical", TEXT("Physical harm"), TEXT("People were hurt, or things were broken.")},
    {"deterrence", TEXT("Deterrence"),
     TEXT("People gave up an activity, or spoke less freely, for fear of consequences.")},
    {"intimidation", TEXT("Intimidation"),
     TEXT("People or their families were threatened or made to feel watched.")},
    {"psychological", TEXT("Distress"), TEXT("Sources describe anxiety, isolation or exhaustion.")},
    {"reputation", TEXT("Harm to reputation"), TEXT("The standing of a person or group suffered.")},
    {"trust", TEXT("Loss of public trust"),
     TEXT("Confidence in institutions, elections or media was the aim or suffered.")},
    {"national-security", TEXT("Harm to national security"),
     TEXT("A state says that its security suffered.")},
    {"none-known", TEXT("None known"), TEXT("The sources report an attempt, or no harm.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
};
const struct vocabulary vocabulary_harm = {"harm", TEXT("Kinds of harm"), "", harm_terms,
                                           sizeof harm_terms / sizeof *harm_terms};

static const struct vocabulary_term conduct_terms[] = {
    {"harassment", TEXT("Harassment"),
     TEXT("Somebody is insulted, followed, called or written to again and again.")},
    {"threats", TEXT("Threats"), TEXT("Somebody is told that harm will follow.")},
    {"threats-to-family", TEXT("Pressure on family"),
     TEXT("Relatives in another country are questioned or punished.")},
    {"forged-letter", TEXT("Forged letters"),
     TEXT("Letters or messages in somebody's name that they did not write.")},
    {"coerced-return", TEXT("Coerced return"),
     TEXT("Somebody was pressed or tricked into going back to a country.")},
    {"surveillance", TEXT("Watching and following"),
     TEXT("People were observed, photographed, listed.")},
    {"community-interference", TEXT("Interference in communities"),
     TEXT("Pressure on or control of associations, places of worship, events.")},
    {"media-interference", TEXT("Interference in media"),
     TEXT("Pressure on or control of newspapers, channels, journalists.")},
    {"election-interference", TEXT("Interference in elections"),
     TEXT("Covert support, pressure or false information in a vote.")},
    {"campus-interference", TEXT("Interference at universities"),
     TEXT("Pressure on students, teachers or research.")},
    {"denial-of-papers", TEXT("Refusal of papers"),
     TEXT("Passports or other papers are refused as punishment.")},
    {"assault", TEXT("Assault"), TEXT("Somebody was attacked.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
};
const struct vocabulary vocabulary_conduct = {"conduct", TEXT("Kinds of conduct"), "",
                                              conduct_terms,
                                              sizeof conduct_terms / sizeof *conduct_terms};

static const struct vocabulary_term allegation_status_terms[] = {
    {"alleged", TEXT("Alleged"), TEXT("Somebody says so; nobody has looked into it.")},
    {"reported-independently", TEXT("Reported by several"),
     TEXT("Independent sources say the same.")},
    {"under-investigation", TEXT("Under investigation"), TEXT("An authority is looking into it.")},
    {"confirmed", TEXT("Confirmed by an authority"), TEXT("An authority says that it is so.")},
    {"in-court", TEXT("Before a court"), TEXT("Charges or a claim are pending.")},
    {"proven", TEXT("Found by a court"), TEXT("A court found that it is so.")},
    {"denied", TEXT("Denied"), TEXT("Those named deny it, and nothing more is known.")},
    {"unfounded", TEXT("Found to be wrong"),
     TEXT("An authority or the source itself says that it was not so.")},
    {"closed", TEXT("Closed without result"), TEXT("The investigation ended without a finding.")},
};
const struct vocabulary vocabulary_allegation_status = {
    "allegation-status", TEXT("Status of an allegation"), "", allegation_status_terms,
    sizeof allegation_status_terms / sizeof *allegation_status_terms};

static const struct vocabulary_term place_kind_terms[] = {
    {"police-station", TEXT("Overseas police station"),
     TEXT("Said to do police work of another state without leave.")},
    {"office", TEXT("Office of an association"),
     TEXT("Said to act for another state behind another purpose.")},
    {"server", TEXT("Computer or server"), TEXT("Equipment that served an operation.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
    {"set", TEXT("Several places"), TEXT("A record of a total rather than of one place.")},
};
const struct vocabulary vocabulary_place_kind = {
    "place-kind", TEXT("Kinds of place"), "", place_kind_terms,
    sizeof place_kind_terms / sizeof *place_kind_terms};

static const struct vocabulary_term certainty_terms[] = {
    {"exact", TEXT("Exact"), TEXT("Street and number are known.")},
    {"neighbourhood", TEXT("Neighbourhood"), TEXT("Known to a part of a town.")},
    {"city", TEXT("Town"), TEXT("Known to a town.")},
    {"region", TEXT("Region"), TEXT("Known to a province or region.")},
    {"country", TEXT("Country"), TEXT("Only the country is known.")},
    {"disputed", TEXT("Disputed"), TEXT("Sources name different places.")},
};
const struct vocabulary vocabulary_certainty = {"certainty", TEXT("How certain a location is"), "",
                                                certainty_terms,
                                                sizeof certainty_terms / sizeof *certainty_terms};

static const struct vocabulary_term language_terms[] = {
    {"en", TEXT("English"), ""},    {"fr", TEXT("French"), ""},     {"zh", TEXT("Chinese"), ""},
    {"fa", TEXT("Persian"), ""},    {"ru", TEXT("Russian"), ""},    {"uk", TEXT("Ukrainian"), ""},
    {"ko", TEXT("Korean"), ""},     {"ar", TEXT("Arabic"), ""},     {"bo", TEXT("Tibetan"), ""},
    {"ug", TEXT("Uyghur"), ""},     {"es", TEXT("Spanish"), ""},    {"de", TEXT("German"), ""},
    {"it", TEXT("Italian"), ""},    {"pt", TEXT("Portuguese"), ""}, {"hi", TEXT("Hindi"), ""},
    {"pa", TEXT("Punjabi"), ""},    {"ur", TEXT("Urdu"), ""},       {"tr", TEXT("Turkish"), ""},
    {"vi", TEXT("Vietnamese"), ""}, {"ja", TEXT("Japanese"), ""},   {"he", TEXT("Hebrew"), ""},
    {"pl", TEXT("Polish"), ""},     {"nl", TEXT("Dutch"), ""},      {"sv", TEXT("Swedish"), ""},
    {"other", TEXT("Other"), ""},
};
const struct vocabulary vocabulary_language = {"language", TEXT("Languages"), "ISO 639-1",
                                               language_terms,
                                               sizeof language_terms / sizeof *language_terms};

static const struct vocabulary_term region_terms[] = {
    {"EU", TEXT("European Union"), TEXT("The Union or its bodies.")},
    {"NATO", TEXT("NATO"), TEXT("The alliance or its bodies.")},
    {"UN", TEXT("United Nations"), TEXT("The organisation or its bodies.")},
    {"global", TEXT("Worldwide"), TEXT("Many countries at once.")},
    {"africa", TEXT("Africa"), ""},
    {"asia", TEXT("Asia"), ""},
    {"central-asia", TEXT("Central Asia"), ""},
    {"east-asia", TEXT("East Asia"), ""},
    {"northeast-asia", TEXT("Northeast Asia"), ""},
    {"south-asia", TEXT("South Asia"), ""},
    {"southeast-asia", TEXT("Southeast Asia"), ""},
    {"south-china-sea", TEXT("South China Sea"), ""},
    {"europe", TEXT("Europe"), ""},
    {"eastern-europe", TEXT("Eastern Europe"), ""},
    {"northern-europe", TEXT("Northern Europe"), ""},
    {"western-europe", TEXT("Western Europe"), ""},
    {"balkans", TEXT("Balkans"), ""},
    {"caucasus", TEXT("Caucasus"), ""},
    {"middle-east", TEXT("Middle East"), ""},
    {"mena", TEXT("Middle East and North Africa"), ""},
    {"gulf", TEXT("Gulf countries"), ""},
    {"north-america", TEXT("North America"), ""},
    {"central-america", TEXT("Central America"), ""},
    {"south-america", TEXT("South America"), ""},
    {"oceania", TEXT("Oceania"), ""},
    {"other", TEXT("Other"), TEXT("A country that the registry does not list apart.")},
    {"unknown", TEXT("Not known"), TEXT("No source says, or sources say that it is not known.")},
};
const struct vocabulary vocabulary_region = {"region", TEXT("Regions and other areas"), "",
                                             region_terms,
                                             sizeof region_terms / sizeof *region_terms};
