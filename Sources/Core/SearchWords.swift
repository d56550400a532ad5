/// Cuts text into the words that search compares: letters and digits in lower case, and Han,
/// Kana and Hangul text in overlapping pairs, because it is written without spaces.
package enum SearchWords {
    package static func cut(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var run: [Character] = []
        func endWord() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        func endRun() {
            if run.count == 1 { words.append(String(run[0])) }
            for i in run.indices.dropLast() { words.append(String([run[i], run[i + 1]])) }
            run = []
        }
        for character in text.lowercased() {
            if isWrittenWithoutSpaces(character) {
                endWord()
                run.append(character)
            } else if character.isLetter || character.isNumber {
                endRun()
                word.append(character)
            } else {
                endWord()
                endRun()
            }
        }
        endWord()
        endRun()
        return words
    }

    private static func isWrittenWithoutSpaces(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first else { return false }
        switch scalar.value {
        case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF, 0x20000...0x323AF: return true
        default: return false
        }
    }
}
