import Core
import TestKit
import Testing
import XetFormat

@Suite("what a shard says about a file")
struct ShardFileProofTests {
    static let chunks = (1...5).map { XetChunk(hash: .ofChunk([UInt8($0)]), length: $0) }
    static let runs = [1..<4, 0..<2, 4..<5]
    static let file = ShardFile(
        id: XetMerkle(runs.flatMap { chunks[$0] }).fileID,
        terms: runs.map { run in
            ShardTerm(xorb: XetHash(1, 1, 1, 1), rawLength: UInt32(chunks[run].reduce(0) { $0 + $1.length }), chunks: run)
        },
        verification: runs.map { XetHash.verification(of: chunks[$0].map(\.hash)) }, digest: nil)

    static func check(_ file: ShardFile) throws {
        var proof = ShardFileProof(file)
        while proof.next != nil { try proof.check(chunks) }
        try proof.finish()
    }

    @Test("is true when every term is", arguments: [true, false])
    func isTrue(verified: Bool) {
        var file = Self.file
        if !verified { file.verification = [] }
        #expect(throws: Never.self) { try Self.check(file) }
    }

    @Test("the client's files prove themselves", arguments: Vectors.files)
    func client(_ vector: Vectors.File) throws {
        var seen: Set<XetHash> = []
        let xorb = vector.chunks.filter { seen.insert($0.hash).inserted }
        var proof = ShardFileProof(ShardFile(id: try vector.hash("file"), terms: vector.terms, verification: [], digest: nil))
        while proof.next != nil { try proof.check(xorb) }
        try proof.finish()
    }

    @Test("is refused with the term and the reason")
    func refused() {
        let changes: [(String, HubError.Code, (inout ShardFile) -> Void)] = [
            ("term 1 of the file \(Self.file.id) needs chunks 0 to 6", .invalidRequest, { $0.terms[1].chunks = 0..<6 }),
            ("states 10 bytes, but xorb \(Self.file.terms[0].xorb) has 9 bytes there", .invalidRequest, { $0.terms[0].rawLength = 10 }),
            ("term 2 of the file \(Self.file.id) has another verification hash", .invalidRequest, { $0.verification[2] = .zero }),
            ("but its chunks make \(Self.file.id)", .digestMismatch, { $0.id = .zero })
        ]
        for (says, code, change) in changes {
            var file = Self.file
            change(&file)
            let error = #expect(throws: HubError.self) { try Self.check(file) }
            #expect(error?.code == code)
            #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        }
    }
}
