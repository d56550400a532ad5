import Core

/// A decoder without data: it gives a type whatever it asks for and remembers the questions.
/// They are the shape of the type, so that the published schema cannot differ from the code.
final class SchemaRecorder: Decoder {
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    fileprivate let notes: SchemaNotes
    fileprivate var fields: [String: Schema.Field] = [:]
    fileprivate var isDictionary = false
    fileprivate var other: Schema?

    init(notes: SchemaNotes) { self.notes = notes }

    /// nil where nothing was asked.
    var schema: Schema? {
        if let other { return other }
        if isDictionary { return fields.values.first.map { .dictionary($0.schema) } }
        return fields.isEmpty ? nil : .object(fields.values.sorted { $0.name < $1.name })
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(FieldQuestions<Key>(recorder: self))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { ElementQuestion(recorder: self) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { ValueQuestion(recorder: self) }

    fileprivate static let tooClever = HubError(
        .internalError, "this body decodes through a nested container or a super decoder: expected plain fields; give the part a type of its own")
}

private struct FieldQuestions<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: SchemaRecorder
    let codingPath: [any CodingKey] = []
    private let optional = Noted()

    init(recorder: SchemaRecorder) { self.recorder = recorder }

    /// Whoever asks which keys there are has none of its own: a dictionary.
    var allKeys: [Key] {
        recorder.isDictionary = true
        return Key(stringValue: "key").map { [$0] } ?? []
    }
    func contains(_ key: Key) -> Bool { true }
    /// Only `decodeIfPresent` asks this, before it decodes.
    func decodeNil(forKey key: Key) throws -> Bool {
        optional.names.insert(key.stringValue)
        return false
    }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (schema, value) = try recorder.notes.describe(type)
        let name = key.stringValue
        recorder.fields[name] = Schema.Field(name: name, schema: schema, isOptional: optional.names.contains(name))
        return value
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        throw SchemaRecorder.tooClever
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw SchemaRecorder.tooClever }
    func superDecoder() throws -> any Decoder { throw SchemaRecorder.tooClever }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw SchemaRecorder.tooClever }

    private final class Noted { var names: Set<String> = [] }
}

/// An array of exactly one element.
private struct ElementQuestion: UnkeyedDecodingContainer {
    let recorder: SchemaRecorder
    let codingPath: [any CodingKey] = []
    let count: Int? = 1
    private(set) var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    init(recorder: SchemaRecorder) { self.recorder = recorder }

    mutating func decodeNil() throws -> Bool { false }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (schema, value) = try recorder.notes.describe(type)
        recorder.other = .array(schema)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        throw SchemaRecorder.tooClever
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw SchemaRecorder.tooClever }
    mutating func superDecoder() throws -> any Decoder { throw SchemaRecorder.tooClever }
}

private struct ValueQuestion: SingleValueDecodingContainer {
    let recorder: SchemaRecorder
    let codingPath: [any CodingKey] = []

    func decodeNil() -> Bool { false }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (schema, value) = try recorder.notes.describe(type)
        recorder.other = schema
        return value
    }
}
