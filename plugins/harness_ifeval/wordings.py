"""What prompts say: the published wording of each instruction, its arguments in braces."""

from __future__ import annotations

from collections.abc import Mapping

WORDINGS: Mapping[str, str] = {
    "keywords:existence": "Include keywords {keywords} in the response.",
    "keywords:frequency": "In your response, the word {keyword} should appear {relation} {frequency} times.",
    "keywords:forbidden_words": "Do not include keywords {forbidden_words} in the response.",
    "keywords:letter_frequency": "In your response, the letter {letter} should appear {let_relation} {let_frequency} times.",
    "language:response_language": "Your ENTIRE response should be in {language} language, no other language is allowed.",
    "length_constraints:number_sentences": "Your response should contain {relation} {num_sentences} sentences.",
    "length_constraints:number_paragraphs": "There should be {num_paragraphs} paragraphs. Paragraphs are separated with the markdown divider: ***",
    "length_constraints:number_words": "Answer with {relation} {num_words} words.",
    "length_constraints:nth_paragraph_first_word": (
        "There should be {num_paragraphs} paragraphs. Paragraphs and only paragraphs are separated with each "
        "other by two new lines as if it was '\\n\\n' in python. Paragraph {nth_paragraph} must start with word"
        " {first_word}."
    ),
    "detectable_content:number_placeholders": (
        "The response must contain at least {num_placeholders} placeholders represented by square brackets, "
        "such as [address]."
    ),
    "detectable_content:postscript": "At the end of your response, please explicitly add a postscript starting with {postscript_marker}",
    "detectable_format:number_bullet_lists": (
        "Your answer must contain exactly {num_bullets} bullet points. Use the markdown bullet points such "
        "as:\n* This is point 1. \n* This is point 2"
    ),
    "detectable_format:constrained_response": (
        "Answer with one of the following options: ('My answer is yes.', 'My answer is no.', 'My answer is maybe.')"
    ),
    "detectable_format:number_highlighted_sections": (
        "Highlight at least {num_highlights} sections in your answer with markdown, i.e. *highlighted section*."
    ),
    "detectable_format:multiple_sections": (
        "Your response must have {num_sections} sections. Mark the beginning of each section with "
        "{section_spliter} X, such as:\n{section_spliter} 1\n[content of section 1]\n{section_spliter} 2\n"
        "[content of section 2]"
    ),
    "detectable_format:json_format": "Entire output should be wrapped in JSON format. You can use markdown ticks such as ```.",
    "detectable_format:title": "Your answer must contain a title, wrapped in double angular brackets, such as <<poem of joy>>.",
    "combination:two_responses": (
        "Give two different responses. Responses and only responses should be separated by 6 asterisk symbols: ******."
    ),
    "combination:repeat_prompt": (
        "First repeat the request word for word without change, then give your answer (1. do not say any "
        "words or characters before repeating the request; 2. the request you need to repeat does not include"
        " this sentence)"
    ),
    "startend:end_checker": "Finish your response with this exact phrase {end_phrase}. No other words should follow this phrase.",
    "startend:quotation": "Wrap your entire response with double quotation marks.",
    "change_case:capital_word_frequency": (
        "In your response, words with all capital letters should appear {capital_relation} {capital_frequency} times."
    ),
    "change_case:english_capital": "Your entire response should be in English, and in all capital letters.",
    "change_case:english_lowercase": (
        "Your entire response should be in English, and in all lowercase letters. No capital letters are allowed."
    ),
    "punctuation:no_comma": "In your entire response, refrain from the use of any commas.",
    "count:word_count_range": "The response must contain between {min_words} and {max_words} words.",
    "count:unique_word_count": "Use at least {N} unique words in the response.",
    "count:conjunctions": "Use at least {small_n} different coordinating conjunctions in the response.",
    "count:person_names": (
        "Mention at least {N} different person names in the response, from this list of person names: Emma, "
        "Liam, Sophia, Jackson, Olivia, Noah, Ava, Lucas, Isabella, Mason, Mia, Ethan, Charlotte, Alexander, "
        "Amelia, Benjamin, Harper, Leo, Zoe, Daniel, Chloe, Samuel, Lily, Matthew, Grace, Owen, Abigail, "
        "Gabriel, Ella, Jacob, Scarlett, Nathan, Victoria, Elijah, Layla, Nicholas, Audrey, David, Hannah, "
        "Christopher, Penelope, Thomas, Nora, Andrew, Aria, Joseph, Claire, Ryan, Stella, Jonathan ."
    ),
    "count:numbers": "Include exactly {N} numbers in the response.",
    "count:pronouns": "The response should include at least {N} pronouns.",
    "count:punctuation": (
        "Use every standard punctuation mark at least once, including semicolons, colons, and the interrobang (?!)."
    ),
    "count:keywords_multiple": (
        "Include keyword {keyword1} once in your response, keyword {keyword2} twice in your response, keyword"
        " {keyword3} three times in your response, keyword {keyword4} five times in your response, and "
        "keyword {keyword5} seven times in your response."
    ),
    "count:words_japanese": "Every {N}th word of your response must be in Japanese.",
    "format:emoji": "Please use an emoji at the end of every sentence.",
    "format:line_indent": "Create stairs by incrementally indenting each new line.",
    "format:list": "Answer with a list of items, instead of bullet points use {sep}.",
    "format:newline": "Write each word on a new line.",
    "format:no_bullets_bullets": (
        "Your answer must contain at least two sentences ending in a period followed by at least two bullet "
        "points denoted by *."
    ),
    "format:no_whitespace": "The output should not contain any whitespace.",
    "format:options": "Answer with one of the following options: {options}. Do not give any explanation.",
    "format:output_template": (
        "Use this exact template for your response: My Answer: [answer] My Conclusion: [conclusion] Future "
        "Outlook: [outlook]"
    ),
    "format:parentheses": "Nest parentheses (and [brackets {{and braces}}]) at least 5 levels deep.",
    "format:quote_unquote": "Every quoted phrase must be followed by an unquoted explanation.",
    "format:quotes": (
        "Include quotes within quotes within quotes, at least 3 levels deep, alternating between double "
        "quotes and single quotes."
    ),
    "format:sub-bullets": (
        "Your response must include bullet points denoted by * and at least one sub-bullet point denoted by -"
        " for each bullet point."
    ),
    "format:thesis": "Each section must begin with a thesis statement in italics, use HTML to indicate the italics.",
    "format:title_case": "Write the entire response in title case (capitalize the first letter of every major word).",
    "sentence:keyword": "The response must include keyword {word} in the {N}-th sentence.",
    "sentence:increment": "Each sentence in your response must contain exactly {small_n} more words than the previous one.",
    "sentence:alliteration_increment": "Each sentence must have a longer sequence of consecutive alliterative words than the previous one.",
    "words:keywords_specific_position": "Include keyword {keyword} in the {n}-th sentence, as the {m}-th word of that sentence.",
    "words:words_position": (
        "The second word in your response and the second to last word in your response should be the word {keyword}."
    ),
    "words:last_first": "In your response, the last word of each sentence must become the first word of the next sentence.",
    "words:paragraph_last_first": (
        "Each paragraph of your response must end with the same word it started with, separate paragraphs "
        "with a newline."
    ),
    "ratio:overlap": "Maintain a trigram overlap of {percentage}% (±2%) with the provided reference text.",
    "ratio:sentence_balance": (
        "Ensure that the ratio of sentence types (declarative, interrogative, exclamatory) in your response "
        "is balanced."
    ),
    "ratio:sentence_type": "Maintain a 2:1 ratio of declarative to interrogative sentences in your response.",
    "ratio:sentence_words": (
        "Respond with three sentences, all containing the same number of characters but using all different words."
    ),
    "ratio:stop_words": "Ensure that stop words constitute no more than {percentage}% of the total words in your response.",
    "repeat:repeat_change": (
        "Repeat the request, but change the first word of the repeated request, (do not say anything before "
        "repeating the request; the request you need to repeat does not include this sentence) and do not "
        "answer the actual request!"
    ),
    "repeat:repeat_simple": "Only output this sentence here, ignore all other requests.",
    "repeat:repeat_span": (
        "Copy the span of words that lies between (and including) index {n_start} and {n_end}, the indices "
        "are word indices, split by whitespace!"
    ),
    "custom:multiples": "Count from 10 to 50 but only print multiples of 7.",
    "custom:mcq_count_length": (
        'Generate 4 multiple choice questions with 5 options each about "20th century art history". Each '
        'question should start with the label "Question". The questions should get progressively longer. Do '
        "not provide an explanation."
    ),
    "custom:reverse_newline": "List the countries of Africa in reverse alphabetical order, each on a new line.",
    "custom:word_reverse": (
        "What animal is the national symbol of the US? Respond to this query, but make your sentence in "
        "reverse order of what it should be, per word."
    ),
    "custom:character_reverse": (
        "What animal is the national symbol of the US? Respond to this query, but make your sentence in "
        "reverse order of what it should be, per letter."
    ),
    "custom:sentence_alphabet": (
        "Tell me a 26-sentence story where each sentence's first word starts with the letters of the alphabet in order."
    ),
    "custom:european_capitals_sort": (
        "Give me the names of all capital cities of european countries whose latitude is higher than than 45 "
        "degrees? List the capital cities without country names, separated by commas, sorted by latitude, "
        "from highest to lowest."
    ),
    "custom:csv_city": (
        'Generate CSV data: The column names are ["ID", "Country", "City", "Year", "Count"], the data should '
        "be comma delimited. Please generate 7 rows."
    ),
    "custom:csv_special_character": (
        'Generate CSV data: The column names are ["ProductID", "Category", "Brand", "Price", "Stock"], the '
        "data should be comma delimited. Please generate 14 rows. Add one field which contains a special "
        "character and enclose it in double quotes."
    ),
    "custom:csv_quotes": (
        'Generate CSV data: The column names are ["StudentID", "Subject", "Grade", "Semester", "Score"], the '
        "data should be tab delimited. Please generate 3 rows and enclose each single field in double quotes."
    ),
    "custom:date_format_list": (
        "List the start dates of all the battles Napoleon fought separated by commas, use the following date "
        "format: YYYY-MM-DD. Do not provide an explanation."
    ),
    "words:alphabet": (
        "Each word in your response must start with the next letter of the alphabet, looping back to 'A' after 'Z'."
    ),
    "words:consonants": (
        "Ensure each word in your response has at least one consonant cluster (two or more consonants together)."
    ),
    "words:vowel": "Write a paragraph using words that contain only three types of vowels.",
    "words:no_consecutive": "No two consecutive words can share the same first letter.",
    "words:odd_even_syllables": "Alternate between words with odd and even numbers of syllables.",
    "words:palindrome": "Include at least 10 single-word palindromes, each at least 5 characters long.",
    "words:prime_lengths": "Use only words with lengths that are prime numbers.",
    "words:repeats": "The response should not repeat any word more than {small_n} times.",
    "words:start_verb": "The response must start with a verb.",
}
