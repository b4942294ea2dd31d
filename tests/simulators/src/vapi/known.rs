//! The properties VAPI knows, cut from its published `OpenAPI` document (`api-json`).
//!
//! VAPI refuses a body with any other property. Everything here is data: names only, by DTO.

/// Every phone number body.
pub(super) const NUMBER: &[&str] = &[
    "assistantId",
    "fallbackDestination",
    "hooks",
    "name",
    "provider",
    "server",
    "squadId",
    "workflowId",
];

/// More, when a free number is created.
pub(super) const NUMBER_VAPI_CREATE: &[&str] =
    &["authentication", "numberDesiredAreaCode", "sipUri"];

/// More, when a free number is changed.
pub(super) const NUMBER_VAPI_UPDATE: &[&str] = &["authentication", "sipUri"];

/// More, when a Telnyx number is imported or changed.
pub(super) const NUMBER_TELNYX: &[&str] = &["credentialId", "number"];

/// More, when a Twilio number is imported or changed.
pub(super) const NUMBER_TWILIO: &[&str] = &[
    "number",
    "smsEnabled",
    "twilioAccountSid",
    "twilioApiKey",
    "twilioApiSecret",
    "twilioAuthToken",
];

/// Assistants, created or changed.
pub(super) const ASSISTANT: &[&str] = &[
    "analysisPlan",
    "artifactPlan",
    "backgroundSound",
    "backgroundSpeechDenoisingPlan",
    "clientMessages",
    "compliancePlan",
    "credentialIds",
    "credentials",
    "endCallMessage",
    "endCallPhrases",
    "firstMessage",
    "firstMessageInterruptionsEnabled",
    "firstMessageMode",
    "hooks",
    "keypadInputPlan",
    "maxDurationSeconds",
    "metadata",
    "model",
    "modelOutputInMessagesEnabled",
    "monitorPlan",
    "name",
    "observabilityPlan",
    "server",
    "serverMessages",
    "startSpeakingPlan",
    "stopSpeakingPlan",
    "transcriber",
    "transportConfigurations",
    "voice",
    "voicemailDetection",
    "voicemailMessage",
];

/// `server`, wherever it stands.
pub(super) const SERVER: &[&str] = &[
    "backoffPlan",
    "credentialId",
    "encryptedPaths",
    "headers",
    "staticIpAddressesEnabled",
    "timeoutSeconds",
    "url",
];

/// `fallbackDestination` of type `number`.
pub(super) const DESTINATION_NUMBER: &[&str] = &[
    "callerId",
    "description",
    "extension",
    "message",
    "number",
    "numberE164CheckEnabled",
    "transferPlan",
    "type",
];

/// `fallbackDestination` of type `sip`.
pub(super) const DESTINATION_SIP: &[&str] =
    &["callerId", "description", "message", "sipHeaders", "sipUri", "transferPlan", "type"];

/// Values of `serverMessages`.
pub(super) const SERVER_MESSAGES: &[&str] = &[
    "assistant.started",
    "assistant.speechStarted",
    "conversation-update",
    "end-of-call-report",
    "function-call",
    "hang",
    "language-changed",
    "language-change-detected",
    "model-output",
    "phone-call-control",
    "speech-update",
    "status-update",
    "transcript",
    "transcript[transcriptType=\"final\"]",
    "tool-calls",
    "transfer-destination-request",
    "handoff-destination-request",
    "transfer-update",
    "user-interrupted",
    "voice-input",
    "chat.created",
    "chat.deleted",
    "session.created",
    "session.updated",
    "session.deleted",
    "call.deleted",
    "call.delete.failed",
    "call.artifact.upload",
];

/// A provider's name, the properties it adds, and those it cannot do without.
pub(super) type Part = (&'static str, &'static [&'static str], &'static [&'static str]);

/// `model`, whatever its provider.
pub(super) const MODEL: &[&str] = &[
    "emotionRecognitionEnabled",
    "knowledgeBase",
    "messages",
    "model",
    "numFastTurns",
    "provider",
    "temperature",
    "toolIds",
    "toolRefs",
    "tools",
];

/// `model` by provider.
pub(super) const MODELS: &[Part] = &[
    ("anthropic", &["maxTokens", "thinking"], &["model"]),
    ("anthropic-bedrock", &["maxTokens", "thinking"], &["model"]),
    ("anyscale", &["maxTokens"], &["model"]),
    ("cerebras", &["maxTokens"], &["model"]),
    (
        "custom-llm",
        &[
            "headers",
            "maxTokens",
            "metadataSendMode",
            "timeoutSeconds",
            "url",
            "wordLevelConfidenceEnabled",
        ],
        &["model", "url"],
    ),
    ("deep-seek", &["maxTokens"], &["model"]),
    ("deepinfra", &["maxTokens"], &["model"]),
    ("google", &["maxTokens", "realtimeConfig"], &["model"]),
    ("groq", &["maxTokens"], &["model"]),
    ("inflection-ai", &["maxTokens"], &["model"]),
    ("minimax", &["maxTokens"], &["model"]),
    (
        "openai",
        &[
            "fallbackModels",
            "maxTokens",
            "promptCacheKey",
            "promptCacheRetention",
            "reasoningEffort",
            "toolStrictCompatibilityMode",
        ],
        &["model"],
    ),
    ("openrouter", &["maxTokens"], &["model"]),
    ("perplexity-ai", &["maxTokens"], &["model"]),
    ("together-ai", &["maxTokens"], &["model"]),
    ("vapi", &["version", "workflow", "workflowId"], &[]),
    ("xai", &["maxTokens"], &["model"]),
];

/// `voice`, whatever its provider.
pub(super) const VOICE: &[&str] = &["cachingEnabled", "chunkPlan", "provider", "voiceId"];

/// `voice` by provider.
pub(super) const VOICES: &[Part] = &[
    (
        "11labs",
        &[
            "autoMode",
            "enableSsmlParsing",
            "fallbackPlan",
            "language",
            "model",
            "optimizeStreamingLatency",
            "pronunciationDictionaryLocators",
            "similarityBoost",
            "speed",
            "stability",
            "style",
            "useSpeakerBoost",
        ],
        &["voiceId"],
    ),
    ("azure", &["fallbackPlan", "speed"], &["voiceId"]),
    (
        "cartesia",
        &[
            "experimentalControls",
            "fallbackPlan",
            "generationConfig",
            "language",
            "model",
            "pronunciationDictId",
        ],
        &["voiceId"],
    ),
    ("custom-voice", &["fallbackPlan", "server"], &["server"]),
    ("deepgram", &["fallbackPlan", "mipOptOut", "model"], &["voiceId"]),
    ("hume", &["description", "fallbackPlan", "isCustomHumeVoice", "model"], &["voiceId"]),
    (
        "inworld",
        &["fallbackPlan", "languageCode", "model", "speakingRate", "temperature"],
        &["voiceId"],
    ),
    ("lmnt", &["fallbackPlan", "language", "speed"], &["voiceId"]),
    ("microsoft", &["fallbackPlan", "role", "speed", "style", "styleDegree"], &["voiceId"]),
    (
        "minimax",
        &[
            "emotion",
            "fallbackPlan",
            "languageBoost",
            "model",
            "pitch",
            "region",
            "speed",
            "subtitleType",
            "textNormalizationEnabled",
            "volume",
        ],
        &["voiceId"],
    ),
    ("neuphonic", &["fallbackPlan", "language", "model", "speed"], &["language", "voiceId"]),
    ("openai", &["fallbackPlan", "instructions", "model", "speed"], &["voiceId"]),
    (
        "playht",
        &[
            "emotion",
            "fallbackPlan",
            "language",
            "model",
            "speed",
            "styleGuidance",
            "temperature",
            "textGuidance",
            "voiceGuidance",
        ],
        &["voiceId"],
    ),
    (
        "rime-ai",
        &[
            "fallbackPlan",
            "inlineSpeedAlpha",
            "language",
            "model",
            "pauseBetweenBrackets",
            "phonemizeBetweenBrackets",
            "reduceLatency",
            "speed",
        ],
        &["voiceId"],
    ),
    ("sesame", &["fallbackPlan", "model"], &["model", "voiceId"]),
    ("smallest-ai", &["fallbackPlan", "model", "speed"], &["voiceId"]),
    (
        "tavus",
        &[
            "callbackUrl",
            "conversationName",
            "conversationalContext",
            "customGreeting",
            "fallbackPlan",
            "personaId",
            "properties",
        ],
        &["voiceId"],
    ),
    ("vapi", &["language", "pronunciationDictionary", "speed", "version"], &["voiceId"]),
    ("wellsaid", &["enableSsml", "fallbackPlan", "libraryIds", "model"], &["voiceId"]),
    ("xai", &["fallbackPlan", "language", "speed"], &["voiceId"]),
];

/// `transcriber`, whatever its provider.
pub(super) const TRANSCRIBER: &[&str] = &["provider"];

/// `transcriber` by provider.
pub(super) const TRANSCRIBERS: &[Part] = &[
    (
        "11labs",
        &[
            "confidenceThreshold",
            "fallbackPlan",
            "language",
            "minSilenceDurationMs",
            "minSpeechDurationMs",
            "model",
            "silenceThresholdSeconds",
        ],
        &[],
    ),
    (
        "assembly-ai",
        &[
            "agentContext",
            "confidenceThreshold",
            "disablePartialTranscripts",
            "endOfTurnConfidenceThreshold",
            "endUtteranceSilenceThreshold",
            "fallbackPlan",
            "formatTurns",
            "keytermsPrompt",
            "language",
            "languageCodes",
            "maxTurnSilence",
            "minEndOfTurnSilenceWhenConfident",
            "mode",
            "prompt",
            "realtimeUrl",
            "speechModel",
            "vadAssistedEndpointingEnabled",
            "wordBoost",
            "wordFinalizationMaxWaitTime",
        ],
        &[],
    ),
    (
        "azure",
        &[
            "fallbackPlan",
            "language",
            "segmentationMaximumTimeMs",
            "segmentationSilenceTimeoutMs",
            "segmentationStrategy",
        ],
        &[],
    ),
    ("cartesia", &["fallbackPlan", "language", "model"], &[]),
    ("custom-transcriber", &["fallbackPlan", "server"], &["server"]),
    (
        "deepgram",
        &[
            "confidenceThreshold",
            "endpointing",
            "eotThreshold",
            "eotTimeoutMs",
            "fallbackPlan",
            "keyterm",
            "keywords",
            "language",
            "languages",
            "mipOptOut",
            "model",
            "numerals",
            "profanityFilter",
            "redaction",
            "smartFormat",
        ],
        &[],
    ),
    (
        "gladia",
        &[
            "audioEnhancer",
            "confidenceThreshold",
            "customVocabularyConfig",
            "customVocabularyEnabled",
            "endpointing",
            "fallbackPlan",
            "language",
            "languageBehaviour",
            "languages",
            "model",
            "prosody",
            "receivePartialTranscripts",
            "region",
            "speechThreshold",
            "transcriptionHint",
        ],
        &[],
    ),
    ("google", &["fallbackPlan", "language", "model"], &[]),
    ("openai", &["fallbackPlan", "language", "model"], &["model"]),
    (
        "soniox",
        &[
            "contextGeneral",
            "customVocabulary",
            "fallbackPlan",
            "language",
            "languageHintsStrict",
            "languages",
            "maxEndpointDelayMs",
            "model",
        ],
        &[],
    ),
    (
        "speechmatics",
        &[
            "customVocabulary",
            "enableDiarization",
            "endOfTurnSensitivity",
            "fallbackPlan",
            "language",
            "maxDelay",
            "minimumSpeechDuration",
            "model",
            "numeralStyle",
            "operatingPoint",
            "region",
            "removeDisfluencies",
        ],
        &["customVocabulary"],
    ),
    ("talkscriber", &["fallbackPlan", "language", "model"], &[]),
    ("vapi", &["keywords", "language", "languages", "turnTaking", "version"], &[]),
    ("xai", &["fallbackPlan", "language", "model"], &[]),
];
