// SPDX-License-Identifier: Apache-2.0
// Vocabularies of who says what on which grounds, and of how the registry decides. Terms that
// others defined first are retold in our own words and name their source.
#include "observatory/model/schema_tables.h"

#include "report/texts.h"

static const struct vocabulary_term who_kind_terms[] = {
    {"government", TEXT("Government"), TEXT("A government or one of its departments.")},
    {"agency", TEXT("Security or law-enforcement agency"),
     TEXT("A service of intelligence, cyber security, police or prosecution.")},
    {"international", TEXT("International organisation"), TEXT("A body of several states.")},
    {"company", TEXT("Security company"), TEXT("A firm that publishes technical findings.")},
    {"research", TEXT("Researchers"), TEXT("A university, laboratory or think tank.")},
    {"civil-society", TEXT("Civil society"),
     TEXT("A group that defends rights, or an affected community.")},
    {"media", TEXT("Media"), TEXT("A news report on its own account.")},
    {"unnamed-officials", TEXT("Officials who are not named"),
     TEXT("People in office, quoted without a name.")},
    {"target", TEXT("The target"), TEXT("Those who were hit.")},
    {"attacker", TEXT("Those who say they did it"),
     TEXT("A claim by those who say that they are behind it.")},
    {"court", TEXT("Court"), TEXT("A judgment or a decision.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
    {"unknown", TEXT("Not known"), TEXT("The sources do not say.")},
};
const struct vocabulary vocabulary_who_kind = {"who-kind", TEXT("Kinds of claimant"), "",
                                               who_kind_terms,
                                               sizeof who_kind_terms / sizeof *who_kind_terms};

static const struct vocabulary_term claim_type_terms[] = {
    {"technical-report", TEXT("Technical report"),
     TEXT("Published findings with technical detail.")},
    {"political-statement", TEXT("Political statement"), TEXT("An official statement or report.")},
    {"legal", TEXT("Indictment or other legal step"),
     TEXT("A charge, a judgment, a sanction in law.")},
    {"media-named", TEXT("Named source in the media"),
     TEXT("A named person or body, quoted by media.")},
    {"media-unnamed", TEXT("Unnamed source in the media"), TEXT("Quoted by media without a name.")},
    {"media", TEXT("Media's own account"), TEXT("The media say so without naming a source.")},
    {"self", TEXT("Claimed by those who did it"), TEXT("Said in the act itself or afterwards.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
    {"unknown", TEXT("Not known"), TEXT("The sources do not say.")},
};
const struct vocabulary vocabulary_claim_type = {
    "claim-type", TEXT("Forms of a claim"), "", claim_type_terms,
    sizeof claim_type_terms / sizeof *claim_type_terms};

static const struct vocabulary_term basis_terms[] = {
    {"technical", TEXT("Technical traces"), TEXT("Software, servers, times, errors.")},
    {"similarity", TEXT("Similar to earlier incidents"),
     TEXT("Tools or ways of working known from elsewhere.")},
    {"intelligence", TEXT("Intelligence that is not published"),
     TEXT("The claimant says to know more than is shown.")},
    {"interest", TEXT("Who gains"), TEXT("Drawn from motive and context.")},
    {"legal-evidence", TEXT("Evidence shown in court"),
     TEXT("Tested, or to be tested, by a court.")},
    {"confession", TEXT("Own words of those who did it"), TEXT("They say so themselves.")},
    {"testimony", TEXT("Testimony"), TEXT("People say what they saw or lived through.")},
    {"none-given", TEXT("None given"), TEXT("The claim stands without a reason.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
};
const struct vocabulary vocabulary_basis = {"basis", TEXT("Bases of a claim"), "", basis_terms,
                                            sizeof basis_terms / sizeof *basis_terms};

static const struct vocabulary_term stance_terms[] = {
    {"asserts", TEXT("Asserts"), TEXT("It says so plainly.")},
    {"suggests", TEXT("Suggests"), TEXT("It says that it may be so.")},
    {"disputes", TEXT("Disputes"), TEXT("It says that another claim is wrong.")},
    {"withdraws", TEXT("Withdraws"), TEXT("It takes back what the same claimant said.")},
};
const struct vocabulary vocabulary_stance = {"stance", TEXT("What a claim does"), "", stance_terms,
                                             sizeof stance_terms / sizeof *stance_terms};

static const struct vocabulary_term actor_category_terms[] = {
    {"state", TEXT("State body"), TEXT("A service or unit of a state.")},
    {"state-affiliated", TEXT("Group with ties to a state"),
     TEXT("Not a state body; the claim says that a state stands behind it or near it.")},
    {"company", TEXT("Company"), TEXT("A firm, such as one that sells surveillance or hacking.")},
    {"group", TEXT("Group without known ties"), TEXT("Hacktivists, criminals, a movement.")},
    {"individual", TEXT("Individual"), TEXT("One person.")},
    {"unknown", TEXT("Not known"), TEXT("The claim does not say.")},
};
const struct vocabulary vocabulary_actor_category = {
    "actor-category", TEXT("Categories of named actor"), "", actor_category_terms,
    sizeof actor_category_terms / sizeof *actor_category_terms};

static const struct vocabulary_term responsibility_terms[] = {
    {"prohibited", TEXT("State-prohibited"), TEXT("The state would help to stop it.")},
    {"prohibited-but-inadequate", TEXT("State-prohibited but inadequate"),
     TEXT("The state would stop it but is not able to.")},
    {"ignored", TEXT("State-ignored"), TEXT("The state knows, and does nothing.")},
    {"encouraged", TEXT("State-encouraged"),
     TEXT("Others do it; the state cheers them on as a policy.")},
    {"shaped", TEXT("State-shaped"), TEXT("Others do it; the state gives some support.")},
    {"coordinated", TEXT("State-coordinated"),
     TEXT("Others do it; the state suggests targets, times or details.")},
    {"ordered", TEXT("State-ordered"), TEXT("Others do it because the state told them to.")},
    {"rogue-conducted", TEXT("State-rogue-conducted"),
     TEXT("Parts of the state do it without the leadership's knowledge.")},
    {"executed", TEXT("State-executed"), TEXT("The state does it with its own forces.")},
    {"integrated", TEXT("State-integrated"),
     TEXT("The state's own forces and others work under one command.")},
    {"not-said", TEXT("Not said"),
     TEXT("The claim names a country without saying how far its state is responsible.")},
};
const struct vocabulary vocabulary_responsibility = {
    "responsibility", TEXT("Degrees of state responsibility"),
    "Jason Healey, Beyond Attribution: Seeking National Responsibility for Cyber Attacks, Atlantic "
    "Council, 2012; by way of the MISP taxonomy state-responsibility",
    responsibility_terms, sizeof responsibility_terms / sizeof *responsibility_terms};

static const struct vocabulary_term confidence_terms[] = {
    {"low", TEXT("Low"), TEXT("The claimant calls its confidence low.")},
    {"moderate", TEXT("Moderate"), TEXT("The claimant calls its confidence moderate.")},
    {"high", TEXT("High"), TEXT("The claimant calls its confidence high.")},
    {"not-said", TEXT("Not said"), TEXT("The claim does not say.")},
};
const struct vocabulary vocabulary_confidence = {
    "confidence", TEXT("Confidence of a claim"), "", confidence_terms,
    sizeof confidence_terms / sizeof *confidence_terms};

static const struct vocabulary_term likelihood_terms[] = {
    {"almost-no-chance", TEXT("Almost no chance"), TEXT("1 to 5 in 100.")},
    {"very-unlikely", TEXT("Very unlikely"), TEXT("5 to 20 in 100.")},
    {"unlikely", TEXT("Unlikely"), TEXT("20 to 45 in 100.")},
    {"roughly-even", TEXT("Roughly even chance"), TEXT("45 to 55 in 100.")},
    {"likely", TEXT("Likely"), TEXT("55 to 80 in 100.")},
    {"very-likely", TEXT("Very likely"), TEXT("80 to 95 in 100.")},
    {"almost-certain", TEXT("Almost certain"), TEXT("95 to 99 in 100.")},
};
const struct vocabulary vocabulary_likelihood = {
    "likelihood", TEXT("Words of likelihood"),
    "Intelligence Community Directive 203, Analytic Standards; by way of the MISP taxonomy "
    "estimative-language",
    likelihood_terms, sizeof likelihood_terms / sizeof *likelihood_terms};

static const struct vocabulary_term relation_terms[] = {
    {"same-campaign", TEXT("Same campaign"), TEXT("Sources put both down to one campaign.")},
    {"similar-circumstances", TEXT("Very similar circumstances"),
     TEXT("Nobody joins them, but time, target or means are very much alike.")},
    {"part-of", TEXT("Part of"), TEXT("This one belongs to the other.")},
    {"follows", TEXT("Follows from"), TEXT("This one was made possible by the other.")},
    {"disputed", TEXT("Disputed link"), TEXT("One source joins them and another objects.")},
    {"duplicate", TEXT("Duplicate"), TEXT("Both tell of the same event.")},
    {"related", TEXT("Otherwise related"), TEXT("The note says how.")},
};
const struct vocabulary vocabulary_relation = {"relation", TEXT("Relations between records"), "",
                                               relation_terms,
                                               sizeof relation_terms / sizeof *relation_terms};

static const struct vocabulary_term response_terms[] = {
    {"investigation", TEXT("Investigation"), TEXT("An authority looks into it.")},
    {"statement", TEXT("Statement"), TEXT("An official says something about it in public.")},
    {"envoy-summoned", TEXT("Envoy summoned"), TEXT("An ambassador or other envoy was called in.")},
    {"expulsion", TEXT("Expulsion"), TEXT("Envoys or others were sent away.")},
    {"sanctions", TEXT("Sanctions"), TEXT("Measures against persons, bodies or trade.")},
    {"indictment", TEXT("Indictment or charges"), TEXT("Somebody was charged.")},
    {"arrest", TEXT("Arrest"), TEXT("Somebody was arrested.")},
    {"lawsuit", TEXT("Lawsuit"), TEXT("A private party went to court.")},
    {"inquiry", TEXT("Parliamentary or public inquiry"), TEXT("Held in public, with a report.")},
    {"technical-measure", TEXT("Technical measure"),
     TEXT("Systems were closed, cleaned, patched, taken over.")},
    {"warning", TEXT("Public warning"), TEXT("Others were told how to protect themselves.")},
    {"support", TEXT("Support for those affected"), TEXT("Help was given.")},
    {"law", TEXT("New law or rule"), TEXT("A law, rule or policy was changed.")},
    {"counter-operation", TEXT("Operation in return"),
     TEXT("An operation was carried out against those held responsible.")},
    {"denial", TEXT("Denial"), TEXT("Those named say that it is not so.")},
    {"right-of-reply", TEXT("Right of reply"),
     TEXT("An answer of those named, sent to the registry and printed here.")},
    {"no-reply", TEXT("No reply"), TEXT("They were asked, and did not answer.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
};
const struct vocabulary vocabulary_response = {"response", TEXT("Kinds of response"), "",
                                               response_terms,
                                               sizeof response_terms / sizeof *response_terms};

static const struct vocabulary_term criterion_terms[] = {
    {"intentional", TEXT("Intentional"),
     TEXT("Somebody meant to do it; an accident or a fault does not count.")},
    {"malicious", TEXT("Malicious"),
     TEXT("It was meant to harm or to take without leave; research with consent does not count.")},
    {"limited-in-time", TEXT("Limited in time"),
     TEXT("It has a beginning, and an end or a known stretch; a lasting state of affairs does not "
          "count.")},
    {"cyber-space", TEXT("At least in part in cyber space"),
     TEXT("Computers, networks or accounts were a means or a target.")},
    {"geopolitical", TEXT("Geopolitical"),
     TEXT("A source ties it to the interests of a state or to a contest for power; plain crime "
          "does not count.")},
};
const struct vocabulary vocabulary_criterion = {"criterion", TEXT("Criteria of the definition"), "",
                                                criterion_terms,
                                                sizeof criterion_terms / sizeof *criterion_terms};

static const struct vocabulary_term met_terms[] = {
    {"yes", TEXT("Yes"), TEXT("A source supports it.")},
    {"no", TEXT("No"), TEXT("A source speaks against it, or none supports it.")},
    {"unclear", TEXT("Not clear"), TEXT("Sources contradict each other or say too little.")},
};
const struct vocabulary vocabulary_met = {"met", TEXT("Whether a criterion is met"), "", met_terms,
                                          sizeof met_terms / sizeof *met_terms};

static const struct vocabulary_term decision_terms[] = {
    {"included", TEXT("Included"), TEXT("It meets the definition, and is counted.")},
    {"turned-down", TEXT("Turned down"),
     TEXT("It does not meet the definition; it stays searchable with the reason, and is not "
          "counted.")},
    {"undecided", TEXT("Not decided"), TEXT("More is needed before a decision.")},
};
const struct vocabulary vocabulary_decision = {"decision", TEXT("Inclusion decisions"), "",
                                               decision_terms,
                                               sizeof decision_terms / sizeof *decision_terms};

static const struct vocabulary_term source_kind_terms[] = {
    {"official", TEXT("Official"), TEXT("A state, its bodies and their publications.")},
    {"court", TEXT("Court document"), TEXT("Judgments, charges, exhibits.")},
    {"technical", TEXT("Technical report"),
     TEXT("Findings of a laboratory, a company or a response team.")},
    {"academic", TEXT("Academic"), TEXT("Research that was reviewed by peers, or a thesis.")},
    {"civil-society", TEXT("Civil society"), TEXT("Published by an association or a group.")},
    {"media", TEXT("Media"), TEXT("News report.")},
    {"target", TEXT("The target"), TEXT("Published by those who were hit.")},
    {"attacker", TEXT("Those who say they did it"), TEXT("Published by them.")},
    {"dataset", TEXT("Dataset"), TEXT("Another registry or collection.")},
    {"other", TEXT("Other"), TEXT("None of the others fits.")},
};
const struct vocabulary vocabulary_source_kind = {
    "source-kind", TEXT("Kinds of source"), "", source_kind_terms,
    sizeof source_kind_terms / sizeof *source_kind_terms};

static const struct vocabulary_term reliability_terms[] = {
    {"a", TEXT("A: completely reliable"), TEXT("No doubt; it has always been right.")},
    {"b", TEXT("B: usually reliable"), TEXT("Small doubt; mostly right so far.")},
    {"c", TEXT("C: fairly reliable"), TEXT("Some doubt; has been right before.")},
    {"d", TEXT("D: not usually reliable"), TEXT("Much doubt; was right at times.")},
    {"e", TEXT("E: unreliable"), TEXT("It has been wrong before.")},
    {"f", TEXT("F: cannot be judged"), TEXT("Nothing to judge it by.")},
};
const struct vocabulary vocabulary_reliability = {
    "reliability", TEXT("Reliability of a source"),
    "Admiralty system (NATO); by way of the MISP taxonomy admiralty-scale", reliability_terms,
    sizeof reliability_terms / sizeof *reliability_terms};

static const struct vocabulary_term credibility_terms[] = {
    {"1", TEXT("1: confirmed by others"), TEXT("Independent sources say the same.")},
    {"2", TEXT("2: probably true"), TEXT("Not confirmed, but fits what is known.")},
    {"3", TEXT("3: possibly true"), TEXT("Not confirmed, and fits in part.")},
    {"4", TEXT("4: doubtful"), TEXT("Possible, but nothing else supports it.")},
    {"5", TEXT("5: improbable"), TEXT("Others contradict it.")},
    {"6", TEXT("6: cannot be judged"), TEXT("Nothing to compare it with.")},
};
const struct vocabulary vocabulary_credibility = {
    "credibility", TEXT("Credibility of what it says"),
    "Admiralty system (NATO); by way of the MISP taxonomy admiralty-scale", credibility_terms,
    sizeof credibility_terms / sizeof *credibility_terms};

static const struct vocabulary_term tlp_terms[] = {
    {"clear", TEXT("TLP:CLEAR"), TEXT("May be given to everybody.")},
    {"green", TEXT("TLP:GREEN"), TEXT("May be given within a community, not in public.")},
    {"amber", TEXT("TLP:AMBER"),
     TEXT("May be given to those who need it in an organisation and to those it serves.")},
    {"amber+strict", TEXT("TLP:AMBER+STRICT"),
     TEXT("May be given to those who need it in one organisation only.")},
    {"red", TEXT("TLP:RED"), TEXT("Only for those to whom it was addressed.")},
};
const struct vocabulary vocabulary_tlp = {"tlp", TEXT("Traffic Light Protocol 2.0"),
                                          "FIRST, Traffic Light Protocol, version 2.0", tlp_terms,
                                          sizeof tlp_terms / sizeof *tlp_terms};

static const struct vocabulary_term consent_terms[] = {
    {"given", TEXT("Given"), TEXT("The affected group agreed to this text.")},
    {"not-needed", TEXT("Not needed"), TEXT("Everything in it was public before.")},
    {"asked", TEXT("Asked, no answer yet"), TEXT("It must not be published yet.")},
};
const struct vocabulary vocabulary_consent = {"consent", TEXT("Consent of those affected"), "",
                                              consent_terms,
                                              sizeof consent_terms / sizeof *consent_terms};

static const struct vocabulary_term indicator_type_terms[] = {
    {"domain", TEXT("Domain name"), TEXT("A name, without http and path.")},
    {"url", TEXT("Web address"), TEXT("A whole address.")},
    {"ipv4", TEXT("IPv4 address"), TEXT("Or a range in CIDR form.")},
    {"ipv6", TEXT("IPv6 address"), TEXT("Or a range in CIDR form.")},
    {"email", TEXT("Mail address"), TEXT("Of the sender.")},
    {"subject", TEXT("Subject of a message"), TEXT("Or a part of it.")},
    {"sha256", TEXT("SHA-256 of a file"), TEXT("64 hexadecimal digits.")},
    {"sha1", TEXT("SHA-1 of a file"), TEXT("40 hexadecimal digits.")},
    {"md5", TEXT("MD5 of a file"), TEXT("32 hexadecimal digits.")},
    {"file-name", TEXT("File name"), TEXT("Without folder.")},
    {"registry-key", TEXT("Windows registry key"), TEXT("A whole path.")},
    {"process", TEXT("Process or command line"), TEXT("As a system records it.")},
    {"stix-pattern", TEXT("STIX pattern"), TEXT("A pattern of STIX 2.1; the value is empty.")},
};
const struct vocabulary vocabulary_indicator_type = {
    "indicator-type", TEXT("Types of indicator"), "", indicator_type_terms,
    sizeof indicator_type_terms / sizeof *indicator_type_terms};
