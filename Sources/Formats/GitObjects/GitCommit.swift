package import Core

/// A revision as git names it. The bytes are kept, so a commit made elsewhere keeps its id, its
/// signature and every header we do not know.
package struct GitCommit: Hashable, Sendable {
    package let tree: GitID
    /// In the order of the commit; none for the first one of a repo.
    package let parents: [GitID]
    package let author: GitSignature
    package let committer: GitSignature
    package let message: String
    /// The body of the object, without git's header.
    package let bytes: [UInt8]

    /// Writes what `git commit-tree` writes: the message ends in a newline, NULs are dropped.
    package init(tree: GitID, parents: [GitID], author: GitSignature, committer: GitSignature, message: String) {
        self.tree = tree
        self.parents = parents
        self.author = author
        self.committer = committer
        var message = message.utf8.contains(0) ? String(String.UnicodeScalarView(message.unicodeScalars.filter { $0 != "\0" })) : message
        if let last = message.utf8.last, last != 0x0A { message += "\n" }
        self.message = message
        var text = "tree \(tree)\n"
        for parent in parents { text += "parent \(parent)\n" }
        text += "author \(author.text)\ncommitter \(committer.text)\n\n"
        text += message
        bytes = Array(text.utf8)
    }

    package var id: GitID { GitObject.id(kind: .commit, body: bytes) }

    /// Reads the body of a commit object and keeps its bytes. A message or name in another
    /// encoding than UTF-8 is shown with replacement characters; the bytes are not touched.
    package init(parsing bytes: [UInt8]) throws(HubError) {
        var rest = bytes[...]
        func id(of line: ArraySlice<UInt8>?) throws(HubError) -> GitID {
            guard let line, let id = try? GitID(parsing: String(decoding: line, as: UTF8.self)) else {
                throw Self.malformed("'tree' and 'parent' need 40 lowercase hexadecimal digits")
            }
            return id
        }
        func signature(_ word: String) throws(HubError) -> GitSignature {
            guard let line = Self.take(word, from: &rest), let signature = GitSignature(parsing: line) else {
                throw Self.malformed("expected '\(word) Name <email> seconds +hhmm'")
            }
            return signature
        }
        tree = try id(of: Self.take("tree", from: &rest))
        var parents: [GitID] = []
        while let line = Self.take("parent", from: &rest) { parents.append(try id(of: line)) }
        self.parents = parents
        author = try signature("author")
        committer = try signature("committer")
        // Further headers (encoding, gpgsig, mergetag) end at the first empty line; only `bytes` keeps them.
        while let end = rest.firstIndex(of: 0x0A), end != rest.startIndex { rest = rest[(end + 1)...] }
        guard rest.first == 0x0A else { throw Self.malformed("there is no empty line before the message") }
        message = String(decoding: rest.dropFirst(), as: UTF8.self)
        self.bytes = bytes
    }

    /// The rest of the first line where the line begins with `word` and a space; nil otherwise.
    private static func take(_ word: String, from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.starts(with: (word + " ").utf8), let end = rest.firstIndex(of: 0x0A) else { return nil }
        let value = rest[(rest.startIndex + word.utf8.count + 1)..<end]
        rest = rest[(end + 1)...]
        return value
    }

    private static func malformed(_ reason: String) -> HubError {
        HubError(.invalidRequest, "this is not a git commit: \(reason); check the repo with 'git fsck'")
    }
}
